#!/bin/sh
# Starts redis-server for use from other containers. The network around the pod decides who may connect; set a password
# with: redis-server --requirepass PASSWORD
set -eu

if [ $# -eq 0 ] || [ "${1#-}" != "$1" ]; then
  set -- redis-server "$@"
fi

if [ "$1" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    # A volume mounted at /data belongs to root at first.
    find /data ! -user redis -exec chown redis:redis {} +
    exec gosu redis "$0" "$@"
  fi
  shift
  case ${1:-} in
    *.conf) config=$1; shift ;;
    *) config=/etc/redis/container.conf ;;
  esac
  set -- redis-server "$config" "$@"
fi

exec "$@"
