<?php
/** As much of WordPress as the plugin needs, for its tests; then the plugin itself. */

const ABSPATH = __DIR__;
$bot = 'sample_bot';
$tag = 'North Korea';
$errors = array();
$filters = array();

function add_filter( $name, $called, $priority = 10 ) { $GLOBALS['filters'][ $name ] = array( $called, $priority ); }
function add_action() {}
function register_activation_hook() {}
function __( $text ) { return $text; }
function esc_html__( $text ) { return esc_html( $text ); }
function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES, 'UTF-8', false ); }
function esc_attr( $text ) { return esc_html( $text ); }
function esc_url( $url ) { return esc_html( $url ); }
function wp_strip_all_tags( $text ) { return trim( strip_tags( $text ) ); }
function get_option() { return $GLOBALS['bot']; }
function add_settings_error( $setting, $code, $message ) { $GLOBALS['errors'][] = $message; }
function is_feed() { return false; }
function is_tag() { return $GLOBALS['tag'] !== ''; }
function get_queried_object() { return (object) array( 'name' => $GLOBALS['tag'] ); }

/** What this filter makes of a value. */
function apply( $name, $value ) { return $GLOBALS['filters'][ $name ][0]( $value ); }

require __DIR__ . '/../ops/wordpress/tagalong-follow.php';
