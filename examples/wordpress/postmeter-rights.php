<?php
/**
 * Plugin Name: Postmeter rights
 * Description: Reports to Postmeter which posts and blogs must not leave, by a header on responses and by signed webhooks.
 *
 * Copy this file to wp-content/mu-plugins, and set these constants in wp-config.php:
 *   POSTMETER_EVENTS_URL      https://admin.example/rights/events
 *   POSTMETER_WEBHOOK_SECRET  RIGHTS_WEBHOOK_SECRET of Postmeter: whsec_ and base64
 *   POSTMETER_SCOPE           the scope of post ids in Postmeter's configuration; default: empty, and in a network the
 *                             folder of the blog, or its host
 */

defined( 'ABSPATH' ) || exit;

const POSTMETER_SETTINGS = array( 'blog_public', 'wpcom_prevent_third_party_sharing' );

/** Returns what the settings of this blog ask for, by state: 'on', or 'unset'. */
function postmeter_blog_states(): array {
	$is_hidden = 1 > (int) get_option( 'blog_public', 1 );
	$is_kept   = (bool) get_option( 'wpcom_prevent_third_party_sharing', false );
	$holds     = array(
		'no_training'        => $is_hidden || $is_kept,
		'no_partner_sharing' => $is_kept,
		'no_ai_input'        => $is_hidden,
		'no_archive'         => $is_hidden,
		'no_search'          => $is_hidden,
	);
	return array_map( fn( bool $on ): string => $on ? 'on' : 'unset', $holds );
}

/** Returns the hard states of a post: 'on' or 'off'. */
function postmeter_post_states( WP_Post $post ): array {
	$holds = array(
		'deleted'            => 'trash' === $post->post_status,
		'private'            => 'private' === $post->post_status,
		'draft'              => in_array( $post->post_status, array( 'draft', 'auto-draft', 'pending', 'future' ), true ),
		'password_protected' => '' !== $post->post_password,
	);
	return array_map( fn( bool $on ): string => $on ? 'on' : 'off', $holds );
}

/** Returns the subject of this blog: its host, or its folder in a network. */
function postmeter_blog_subject(): array {
	$home = wp_parse_url( home_url() );
	return isset( $home['path'] )
		? array( 'kind' => 'path', 'scope' => $home['host'], 'name' => $home['path'] )
		: array( 'kind' => 'blog', 'name' => $home['host'] );
}

/** Returns the scope of post ids. Each blog of a network has its own. */
function postmeter_scope(): string {
	if ( defined( 'POSTMETER_SCOPE' ) || ! is_multisite() ) {
		return defined( 'POSTMETER_SCOPE' ) ? POSTMETER_SCOPE : '';
	}
	$subject = postmeter_blog_subject();
	return trim( $subject['name'], '/' );
}

/** Sends Postmeter-Rights with the states that are on. */
function postmeter_send_header( array $states ): void {
	$header = str_replace( '_', '-', implode( ', ', array_keys( $states, 'on', true ) ) );
	if ( '' !== $header && ! headers_sent() ) {
		header( "Postmeter-Rights: $header" );
	}
}

/** Returns the headers of Standard Webhooks. */
function postmeter_signed( string $id, int $now, string $body, string $secret ): array {
	$key = base64_decode( substr( $secret, strlen( 'whsec_' ) ) );
	return array(
		'content-type'      => 'application/json',
		'webhook-id'        => $id,
		'webhook-timestamp' => (string) $now,
		'webhook-signature' => 'v1,' . base64_encode( hash_hmac( 'sha256', "$id.$now.$body", $key, true ) ),
	);
}

/** Sends an event and does not wait for the response. A lost event is corrected by the next one about the same subject. */
function postmeter_send( string $type, array $data ): void {
	if ( ! defined( 'POSTMETER_EVENTS_URL' ) || ! defined( 'POSTMETER_WEBHOOK_SECRET' ) ) {
		return;
	}
	$event   = array( 'type' => $type, 'timestamp' => gmdate( 'Y-m-d\TH:i:s\Z' ), 'data' => $data );
	$body    = wp_json_encode( $event );
	$headers = postmeter_signed( wp_generate_uuid4(), time(), $body, POSTMETER_WEBHOOK_SECRET );
	wp_remote_post( POSTMETER_EVENTS_URL, array( 'headers' => $headers, 'body' => $body, 'blocking' => false ) );
}

function postmeter_send_post( string $type, WP_Post $post, array $more = array() ): void {
	if ( is_post_type_viewable( $post->post_type ) ) {
		postmeter_send( $type, array( 'scope' => postmeter_scope(), 'name' => (string) $post->ID ) + $more );
	}
}

function postmeter_send_blog(): void {
	postmeter_send( 'author.settings_changed', postmeter_blog_subject() + array( 'states' => postmeter_blog_states() ) );
}

add_action( 'template_redirect', function (): void {
	$post = is_singular() ? get_queried_object() : null;
	postmeter_send_header( postmeter_blog_states() + ( $post instanceof WP_Post ? postmeter_post_states( $post ) : array() ) );
} );
// The REST API and XML-RPC answer before WordPress selects a page.
foreach ( array( 'rest_api_init', 'xmlrpc_call' ) as $postmeter_call ) {
	add_action( $postmeter_call, function (): void {
		postmeter_send_header( postmeter_blog_states() );
	}, 10, 0 );
}
add_action( 'transition_post_status', function ( string $new, string $old, WP_Post $post ): void {
	if ( $new !== $old ) {
		postmeter_send_post( 'post.visibility_changed', $post, array( 'states' => postmeter_post_states( $post ) ) );
	}
}, 10, 3 );
add_action( 'post_updated', function ( int $id, WP_Post $after, WP_Post $before ): void {
	if ( $after->post_password !== $before->post_password ) {
		postmeter_send_post( 'post.visibility_changed', $after, array( 'states' => postmeter_post_states( $after ) ) );
	}
}, 10, 3 );
add_action( 'before_delete_post', function ( int $id, WP_Post $post ): void {
	postmeter_send_post( 'post.deleted', $post );
}, 10, 2 );
foreach ( POSTMETER_SETTINGS as $postmeter_option ) {
	foreach ( array( 'add', 'update', 'delete' ) as $postmeter_change ) {
		add_action( "{$postmeter_change}_option_$postmeter_option", 'postmeter_send_blog', 10, 0 );
	}
}
