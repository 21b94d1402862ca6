#!/usr/bin/env bash
# bump.sh 1.35.4: writes go.mod and go.sum anew for that version of Kubernetes.
#
# Kubernetes' repository replaces some thirty of its own modules by folders in it. Whoever requires it from outside
# has to send each of those to its published version, which is v0.35.4 for Kubernetes 1.35.4. etcd's server is taken
# in the version whose client that Kubernetes uses.
set -euo pipefail
cd "$(dirname "$0")"
version=${1:?usage: bump.sh VERSION}
upstream=$(cd / && go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^\t"GoMod": "\(.*\)",*$/\1/p')
etcd=$(awk '$1 == "go.etcd.io/etcd/client/v3" {print $2}' "$upstream")
{
  printf 'module kube\n\n%s\n\n' "$(grep -E '^go ' "$upstream")"
  printf 'require (\n\tk8s.io/kubernetes v%s\n\tgo.etcd.io/etcd/server/v3 %s\n)\n\nreplace (\n' "$version" "$etcd"
  grep -oE 'k8s\.io/[a-z-]+ => \./staging' "$upstream" | cut -d' ' -f1 | sort -u | sed "s#.*#\t& => & v0.${version#1.}#"
  printf ')\n'
} > go.mod
rm -f go.sum
go mod tidy
