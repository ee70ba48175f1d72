#!/bin/bash
# As Apache's image does: KAFKA_ variables become settings, the storage is formatted once, the broker is process 1.
set -euo pipefail
settings=/tmp/server.properties
env | sed -n 's/^KAFKA_\([A-Z0-9_]*\)=/\1=/p' | grep -v '^[A-Z_]*OPTS=' | while IFS='=' read -r name value; do
    printf '%s=%s\n' "$(tr 'A-Z_' 'a-z.' <<<"$name")" "$value"
done >"$settings"
classpath="/opt/kafka/config:/opt/kafka/jars/*"
if [ ! -f "${KAFKA_LOG_DIRS:?}/meta.properties" ]; then
    java -XX:+UseSerialGC -cp "$classpath" kafka.tools.StorageTool format --cluster-id "${CLUSTER_ID:?}" --config "$settings"
fi
exec java ${KAFKA_HEAP_OPTS:--Xms512m -Xmx1g} ${KAFKA_OPTS:-} -cp "$classpath" kafka.Kafka "$settings"
