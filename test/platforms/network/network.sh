#!/usr/bin/env bash
# Makes a WordPress network of three blogs in sub-folders on 127.0.0.1:$WP_PORT from wordpress.sh, which needs root.
# `start` removes an earlier one in $WP_DIR, and prints the blogs as JSON. `plugin` installs the plugin of Postmeter, switches
# sharing off in the blog /three, and prints its subject. `stop` stops the network and removes it.
# Usage: WP_DIR=FOLDER WP_PORT=PORT network.sh start|plugin|stop WORDPRESS_SH
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "$1" = plugin ]; then
  cp "$here/../../../examples/wordpress/postmeter-rights.php" "$WP_DIR/www/wp-content/mu-plugins/"
  exec php "$here/network.php" plugin "$WP_DIR/www" 127.0.0.1
fi
bash "$2" wipe >&2
[ "$1" = start ] || exit 0
WP_POSTS=${WP_POSTS:-300} bash "$2" start >&2
php "$here/network.php" tables "$WP_DIR/www" 127.0.0.1 >&2
# The rules that WordPress documents for networks in sub-folders.
rules='if (!-e $request_filename) { rewrite ^/[^/]+(/wp-.*) $1 last; rewrite ^/[^/]+(/.*\\.php)$ $1 last; }'
sed -i "s#^    location / {#    $rules\n&#" "$WP_DIR/nginx.conf"
nginx -c "$WP_DIR/nginx.conf" -p "$WP_DIR" -s reload
php "$here/network.php" blogs "$WP_DIR/www" 127.0.0.1
chown -R www-data: "$WP_DIR/www/wp-content/uploads"
