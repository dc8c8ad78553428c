<?php
/** As much of WordPress as the plugin needs, for its tests; then the plugin itself. */

const ABSPATH = __DIR__;
$bot = 'sample_bot';
$tags = array();

function add_filter() {}
function add_action() {}
function __( $text ) { return $text; }
function esc_html__( $text ) { return esc_html( $text ); }
function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES, 'UTF-8', false ); }
function esc_attr( $text ) { return esc_html( $text ); }
function esc_url( $url ) { return esc_html( $url ); }
function get_option() { return $GLOBALS['bot']; }
function is_feed() { return false; }
function get_the_ID() { return 1; }
function get_the_terms() { return $GLOBALS['tags']; }

/** Give the post these tags, named as WordPress keeps them: with entities. */
function tagalong_test_tags( array $names ) {
	$GLOBALS['tags'] = array_map( fn ( $name ) => (object) array( 'name' => $name ), $names );
}

require __DIR__ . '/../ops/wordpress/tagalong-follow.php';
