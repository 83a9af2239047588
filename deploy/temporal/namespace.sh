#!/bin/sh
# outdial's namespace and its search attributes. Changes nothing where they are there.
# Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, and TEMPORAL_RETENTION: how long what has ended can be looked at.
set -eu

# The server's services start, and learn of a new namespace, one after the other.
retry() {
  tries=60
  until "$@"; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then exit 1; fi
    sleep 1
  done
}

retry temporal operator cluster health

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE"; then
  retry temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
fi

# Without them workflow tasks fail for ever, and no client sees an error.
for name in OutdialCampaign OutdialQueue OutdialState; do
  retry temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type Keyword
done
