<?php
/**
 * Plugin Name: Tagalong Follow
 * Description: Puts a "Follow on Telegram" link beside each tag, wherever WordPress lists tags. Readers who tap it follow the tag with the site's Tagalong bot.
 * Version: 1.0.0
 * Requires at least: 5.9
 * Requires PHP: 7.4
 * License: MIT
 */

defined( 'ABSPATH' ) || exit;

const TAGALONG_OPTION = 'tagalong_bot';

/**
 * What stands behind ?start= in the link that follows a tag: its name, or the hash of a name too long to be said.
 * Bot and site make it by the same rule, so that a link works before the bot has heard of the tag.
 */
function tagalong_payload( string $name ): string {
	$name = html_entity_decode( $name, ENT_QUOTES | ENT_HTML5, 'UTF-8' );
	$long = strlen( $name ) > 47;
	$said = base64_encode( $long ? hash( 'sha256', $name, true ) : $name );
	return ( $long ? '-' : '_' ) . rtrim( strtr( $said, '+/', '-_' ), '=' );
}

/** The bot's name without @, as set under Settings → General; empty before it is. */
function tagalong_bot(): string {
	return tagalong_bot_name( get_option( TAGALONG_OPTION, '' ) );
}

/** A bot's name as Telegram has them, from whatever was typed: @name, or the bot's address. Empty for all else. */
function tagalong_bot_name( $typed ): string {
	$name = preg_replace( '~^(https?://)?(t\.me/|@)?~i', '', trim( (string) $typed ) );
	return preg_match( '/^[A-Za-z][A-Za-z0-9_]{4,31}$/', $name ) ? $name : '';
}

/** The link beside a tag. */
function tagalong_link( string $name ): string {
	$address = 'https://t.me/' . tagalong_bot() . '?start=' . tagalong_payload( $name );
	/* translators: %s: a tag's name */
	$label = sprintf( __( 'Follow %s on Telegram' ), html_entity_decode( $name, ENT_QUOTES | ENT_HTML5, 'UTF-8' ) );
	return sprintf(
		' <a class="tagalong-follow" href="%s" rel="nofollow noopener" title="%s" aria-label="%s">%s</a>',
		esc_url( $address ),
		esc_attr( $label ),
		esc_attr( $label ),
		esc_html__( 'Follow on Telegram' )
	);
}

/**
 * Beside each of a post's tags. WordPress hands over finished links, in the order of the post's terms.
 *
 * @param string[] $links
 * @return string[]
 */
function tagalong_beside_tags( $links ) {
	$terms = get_the_terms( get_the_ID(), 'post_tag' );
	if ( is_feed() || tagalong_bot() === '' || ! is_array( $terms ) || count( $terms ) !== count( $links ) ) {
		return $links;
	}
	foreach ( array_values( $terms ) as $at => $term ) {
		$links[ $at ] .= tagalong_link( $term->name );
	}
	return $links;
}
add_filter( 'term_links-post_tag', 'tagalong_beside_tags' );

/** Under the heading of a tag's own page. */
function tagalong_on_tag_page( $description ) {
	if ( ! is_tag() || tagalong_bot() === '' ) {
		return $description;
	}
	return $description . '<p>' . trim( tagalong_link( get_queried_object()->name ) ) . '</p>';
}
add_filter( 'get_the_archive_description', 'tagalong_on_tag_page' );

/** The one setting, on the page Settings → General. */
function tagalong_settings(): void {
	register_setting( 'general', TAGALONG_OPTION, array( 'sanitize_callback' => 'tagalong_bot_name' ) );
	add_settings_field(
		TAGALONG_OPTION,
		esc_html__( 'Telegram bot for following tags' ),
		function () {
			printf(
				'<input id="%1$s" name="%1$s" class="regular-text" value="%2$s" placeholder="@your_bot">',
				esc_attr( TAGALONG_OPTION ),
				esc_attr( tagalong_bot() )
			);
		},
		'general',
		'default',
		array( 'label_for' => TAGALONG_OPTION )
	);
}
add_action( 'admin_init', 'tagalong_settings' );
