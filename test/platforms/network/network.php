<?php
/**
 * Turns the WordPress of wordpress.sh into a network of three blogs in sub-folders. It runs twice, because WordPress reads
 * its kind at the start: `tables` as a single site, then `blogs` as a network. `blogs` prints the blogs as JSON. `plugin`
 * switches sharing off in the blog /three, and prints the subject that the plugin of Postmeter reports.
 * Usage: php network.php tables|blogs|plugin WORDPRESS_FOLDER HOST
 */
[, $step, $folder, $host] = $argv;
error_reporting(E_ERROR);
$_SERVER += ['HTTP_HOST' => $host, 'REQUEST_URI' => '/', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET'];
require "$folder/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

function fail_on_error($made) {
  if (!is_wp_error($made)) return $made;
  fwrite(STDERR, $made->get_error_message() . "\n");
  exit(1);
}

if ($step === 'tables') {
  foreach ($wpdb->tables('ms_global') as $name => $table) $wpdb->$name = $table;
  install_network();
  fail_on_error(populate_network(1, $host, 'admin@example.test', 'Network', '/', false));
  // The constants of the single site hide these options, so update_option() would not write them.
  foreach (['siteurl', 'home'] as $name) {
    $wpdb->update($wpdb->options, ['option_value' => "http://$host"], ['option_name' => $name]);
  }
  $network = <<<PHP
  define('MULTISITE', true); define('SUBDOMAIN_INSTALL', false);
  define('DOMAIN_CURRENT_SITE', '$host'); define('PATH_CURRENT_SITE', '/');
  define('SITE_ID_CURRENT_SITE', 1); define('BLOG_ID_CURRENT_SITE', 1);
  // A network has one host. The platform and the gateway differ in their ports.
  \$_SERVER['HTTP_HOST'] = preg_replace('/:\\d+$/', '', \$_SERVER['HTTP_HOST'] ?? '$host');
  PHP;
  $config = file_get_contents("$folder/wp-config.php");
  preg_match('/^\$pm_host = .*$/m', $config, $single);
  file_put_contents("$folder/wp-config.php", str_replace($single[0], $network, $config));
  exit(0);
}

if ($step === 'plugin') {
  switch_to_blog(get_id_from_blogname('three'));
  update_option('wpcom_prevent_third_party_sharing', 1);
  echo json_encode(postmeter_blog_subject(), JSON_UNESCAPED_SLASHES) . "\n";
  exit(0);
}

$blogs = [];
foreach (['two' => 'basaltine', 'three' => 'gneissose'] as $name => $word) {
  $id = fail_on_error(wpmu_create_blog($host, "/$name/", ucfirst($name), 1, ['public' => 1]));
  switch_to_blog($id);
  update_option('template', 'twentytwentyone');
  update_option('stylesheet', 'twentytwentyone');
  $category = fail_on_error(wp_insert_term('Minerals', 'category', ['slug' => 'minerals']));
  for ($day = 1; $day <= 30; $day++) {
    $at = sprintf('2026-03-%02d 12:00:00', $day);
    $post = fail_on_error(wp_insert_post([
      'post_title' => "$word stone $day", 'post_content' => "<p>$word river $day</p>", 'post_name' => "post-$day",
      'post_status' => 'publish', 'post_author' => 1, 'post_date' => $at, 'post_date_gmt' => $at,
      'post_category' => [$category['term_id']], 'tags_input' => ['stone'],
    ], true));
    wp_insert_comment(['comment_post_ID' => $post, 'comment_author' => 'reader', 'comment_content' => "$word answer",
      'comment_approved' => 1, 'comment_date' => $at, 'comment_date_gmt' => $at]);
  }
  $uploads = wp_upload_dir('2026/03')['path'];
  file_put_contents("$uploads/note.txt", "$word note\n");
  delete_option('rewrite_rules');
  $blogs[$name] = ['id' => $id, 'post' => $post, 'word' => $word];
  restore_current_blog();
}
echo json_encode($blogs) . "\n";
