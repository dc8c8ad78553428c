<?php
/**
 * Plugin Name: Tagalong Follow
 * Description: Puts a "Follow on Telegram" link beside each tag, wherever WordPress lists a post's tags, and on each tag's page. Readers who tap it follow the tag with the site's Tagalong bot.
 * Version: 1.1.0
 * Requires at least: 5.9
 * Requires PHP: 7.4
 * License: MIT
 * Text Domain: tagalong-follow
 */

defined( 'ABSPATH' ) || exit;

const TAGALONG_OPTION = 'tagalong_bot';

/**
 * What stands behind ?start= in the link that follows a tag: its name, or the hash of a name too long to be said.
 * Bot and site make it by the same rule, so that a link works before the bot has heard of the tag.
 */
function tagalong_payload( string $name ): string {
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
	$name = preg_replace( '~^(https?://)?(t\.me/|@)?~i', '', is_string( $typed ) ? trim( $typed ) : '' );
	return preg_match( '/^[A-Za-z][A-Za-z0-9_]{4,31}$/D', $name ) ? $name : '';
}

/** The link that follows a tag, whose name comes as WordPress keeps it: with entities. */
function tagalong_link( string $name ): string {
	$name    = html_entity_decode( $name, ENT_QUOTES | ENT_HTML5, 'UTF-8' );
	$address = 'https://t.me/' . tagalong_bot() . '?start=' . tagalong_payload( $name );
	/* translators: %s: a tag's name. It begins with what stands on the link, so that who speaks to a device can say it. */
	$label = sprintf( __( 'Follow on Telegram: %s', 'tagalong-follow' ), $name );
	return sprintf(
		'<a class="tagalong-follow" href="%s" rel="nofollow noopener" aria-label="%s">%s</a>',
		esc_url( $address ),
		esc_attr( $label ),
		esc_html__( 'Follow on Telegram', 'tagalong-follow' )
	);
}

/**
 * Beside each of a post's tags, in the_tags() and in the block core/post-terms. WordPress hands over finished links,
 * and not of which post: a tag's name is read from its link, before other filters dress it.
 *
 * @param string[] $links
 * @return string[]
 */
function tagalong_beside_tags( $links ) {
	if ( ! is_array( $links ) || is_feed() || tagalong_bot() === '' ) {
		return $links;
	}
	foreach ( $links as $at => $link ) {
		$links[ $at ] .= ' ' . tagalong_link( wp_strip_all_tags( $link ) );
	}
	return $links;
}
add_filter( 'term_links-post_tag', 'tagalong_beside_tags', 1 );

/**
 * Below the heading of a tag's own page: in classic themes at the end of its description, in block themes after its
 * title. Other themes have neither.
 */
function tagalong_on_tag_page( $shown ) {
	if ( ! is_tag() || tagalong_bot() === '' ) {
		return $shown;
	}
	return $shown . '<p>' . tagalong_link( get_queried_object()->name ) . '</p>';
}
add_filter( 'get_the_archive_description', 'tagalong_on_tag_page' );
add_filter( 'render_block_core/query-title', 'tagalong_on_tag_page' );

/** What is kept of the setting as it was typed; a name that none has is said on the page. */
function tagalong_sanitize( $typed ): string {
	$name = tagalong_bot_name( $typed );
	if ( $name === '' && is_string( $typed ) && trim( $typed ) !== '' ) {
		add_settings_error(
			TAGALONG_OPTION,
			TAGALONG_OPTION,
			__( 'The Telegram bot has no such name. Write it as Telegram shows it, as in @your_bot.', 'tagalong-follow' )
		);
	}
	return $name;
}

/** The one setting, on the page Settings → General. */
function tagalong_settings(): void {
	register_setting( 'general', TAGALONG_OPTION, array( 'sanitize_callback' => 'tagalong_sanitize' ) );
	add_settings_field(
		TAGALONG_OPTION,
		esc_html__( 'Telegram bot for following tags', 'tagalong-follow' ),
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

/** Leave nothing behind when the plugin is deleted. */
function tagalong_uninstall(): void {
	delete_option( TAGALONG_OPTION );
}
register_activation_hook(
	__FILE__,
	function () {
		register_uninstall_hook( __FILE__, 'tagalong_uninstall' );
	}
);
