#!/bin/sh
# Makes a database cluster at the first start, then becomes the server. May be killed at any moment: the new cluster is
# made in a folder beside its place and moved there once complete, so that a half-made one is never used.
#
#   POSTGRES_PASSWORD          password of the superuser; required unless the next is "trust"
#   POSTGRES_HOST_AUTH_METHOD  how connections from outside are checked, scram-sha-256 if absent
#   POSTGRES_USER              name of the superuser, postgres if absent
#   POSTGRES_DB                name of the first database, the superuser's name if absent
#   POSTGRES_INITDB_ARGS       more arguments for initdb
#   PGDATA                     where the data lies
set -eu

PGDATA=${PGDATA:-/var/lib/postgresql/data}
POSTGRES_USER=${POSTGRES_USER:-postgres}
POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
POSTGRES_HOST_AUTH_METHOD=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
export PGDATA
making=$PGDATA/.making

say() { echo "entrypoint: $*" >&2; }

become_postgres() {
  mkdir -p "$PGDATA" /run/postgresql
  find "$PGDATA" /run/postgresql ! -user postgres -exec chown postgres:postgres {} +
  chmod 700 "$PGDATA"
  exec gosu postgres "$0" "$@"
}

check_settings() {
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    say "set POSTGRES_PASSWORD for the superuser, or POSTGRES_HOST_AUTH_METHOD=trust to let everybody in"
    exit 1
  fi
}

write_settings() {
  cat >> "$making/postgresql.conf" <<SETTINGS

# For use in a container.
listen_addresses = '*'
unix_socket_directories = '/run/postgresql'
log_destination = 'stderr'
logging_collector = off
jit = off
ssl = on
ssl_cert_file = 'server.crt'
ssl_key_file = 'server.key'
SETTINGS
  cat > "$making/pg_hba.conf" <<RULES
# type  database  user  address  method
local   all  all                trust
host    all  all  127.0.0.1/32  trust
host    all  all  ::1/128       trust
host    all  all  all           $POSTGRES_HOST_AUTH_METHOD
RULES
}

make_certificate() {
  openssl req -new -x509 -days 3650 -nodes -batch -newkey rsa:2048 -subj "/CN=$(hostname)" \
    -keyout "$making/server.key" -out "$making/server.crt" 2> /dev/null
  chmod 600 "$making/server.key"
}

# In single-user mode nothing listens, so nobody can connect to a server that is half set up.
make_database() {
  [ "$POSTGRES_DB" = postgres ] && return
  quoted=$(printf '%s' "$POSTGRES_DB" | sed 's/"/""/g')
  printf 'CREATE DATABASE "%s"\n' "$quoted" | postgres --single -D "$making" postgres > /dev/null
}

make_cluster() {
  say "making a database cluster in $PGDATA"
  rm -rf "$making"
  password=$(mktemp)
  printf '%s\n' "${POSTGRES_PASSWORD:-}" > "$password"
  if [ -n "${POSTGRES_PASSWORD:-}" ]; then set -- --pwfile="$password"; else set --; fi
  # shellcheck disable=SC2086 -- several arguments on purpose
  initdb -D "$making" -U "$POSTGRES_USER" --auth=trust --encoding=UTF8 --locale=C.UTF-8 "$@" \
    ${POSTGRES_INITDB_ARGS:-} > /dev/null
  rm -f "$password"
  make_certificate
  write_settings
  make_database
  : > "$making/complete"
}

# PG_VERSION goes last: it is what tells a later start that all of it is in place.
move_cluster() {
  for each in "$making"/*; do
    case ${each##*/} in
      PG_VERSION | complete) ;;
      *) mv "$each" "$PGDATA/" ;;
    esac
  done
  mv "$making/PG_VERSION" "$PGDATA/PG_VERSION"
  rm -rf "$making"
}

if [ $# -eq 0 ] || [ "${1#-}" != "$1" ]; then
  set -- postgres "$@"
fi

if [ "$1" = postgres ]; then
  [ "$(id -u)" = 0 ] && become_postgres "$@"
  if [ ! -e "$PGDATA/PG_VERSION" ]; then
    check_settings
    [ -e "$making/complete" ] || make_cluster
    move_cluster
    say "the database cluster is ready"
  fi
fi

exec "$@"
