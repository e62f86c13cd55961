#!/bin/sh
# A real Apache Kafka (KRaft, one broker) on the loopback address, for tests and trying things out; needs Java 17 and mvn.
#   tools/kafka.sh start     fetch the jars once, format the storage once, start the broker, wait until it answers
#   tools/kafka.sh stop      stop it; what it stored stays
#   tools/kafka.sh wipe      stop it and remove what it stored
#   tools/kafka.sh address   print host:port
# Who comes to the port itself may do everything. Two ports further up TLS and SCRAM are asked for, and rights: there a
# test sees what a service in a province's Kafka sees. Its certificate is KAFKA_FOLDER/broker.pem.
# KAFKA_PORT (19092) and KAFKA_FOLDER (.kafka) choose another place; KAFKA_ADVERTISED_PORT is told to clients instead,
# for a proxy in front. Running a command twice changes nothing.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
port=${KAFKA_PORT:-19092}
controller_port=$((port + 1))
guarded_port=$((port + 2))
advertised_port=${KAFKA_ADVERTISED_PORT:-$port}
folder=${KAFKA_FOLDER:-$root/.kafka}
jars=$root/.cache/kafka
pid_file=$folder/pid
start_seconds=60

is_running() {
    [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2> /dev/null
}

answers() {
    # The shell has no portable way to try a port, Java's own tool does, but takes a second: python3 is quicker.
    python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1).close()" 2> /dev/null
}

java_with() {
    java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$jars/*" "$@"
}

fetch_jars() {
    if [ -e "$jars/complete" ]; then
        return
    fi
    mvn -q -B -f "$root/tools/kafka-pom.xml" \
        org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
        -DoutputDirectory="$jars" -DincludeScope=runtime
    touch "$jars/complete"
}

write_settings() {
    # One broker: internal topics have one copy. A group starts at once instead of waiting three seconds for others.
    # Cleaning is eager so that a test can watch compaction; topics are made by `thidua topics apply`, never by asking.
    cat > "$folder/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port,SASL_SSL://127.0.0.1:$guarded_port
advertised.listeners=PLAINTEXT://127.0.0.1:$advertised_port,SASL_SSL://127.0.0.1:$guarded_port
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.location=$folder/broker.p12
ssl.keystore.type=PKCS12
ssl.keystore.password=loopback
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
log.dirs=$folder/log
auto.create.topics.enable=false
num.partitions=1
num.network.threads=2
num.io.threads=2
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.backoff.ms=500
log.retention.check.interval.ms=1000
log.cleaner.dedupe.buffer.size=16777216
log.segment.delete.delay.ms=1000
END
}

make_certificate() {
    if [ -e "$folder/broker.pem" ]; then
        return
    fi
    keytool -genkeypair -alias broker -keyalg EC -groupname secp256r1 -validity 3650 -dname CN=127.0.0.1 \
        -ext SAN=ip:127.0.0.1,dns:localhost -ext bc:c=ca:true -storetype PKCS12 -storepass loopback \
        -keystore "$folder/broker.p12" 2> /dev/null
    keytool -exportcert -rfc -alias broker -storepass loopback -keystore "$folder/broker.p12" \
        > "$folder/broker.pem" 2> /dev/null
}

format_storage() {
    if [ -e "$folder/log/meta.properties" ]; then
        return
    fi
    cluster=$(java_with kafka.tools.StorageTool random-uuid)
    java_with kafka.tools.StorageTool format --cluster-id "$cluster" --config "$folder/server.properties" > /dev/null
}

wait_until_it_answers() {
    waited=0
    until answers; do
        if ! is_running || [ "$waited" -ge $((start_seconds * 5)) ]; then
            echo "kafka.sh: the broker did not start; the end of $folder/server.log:" >&2
            tail -n 20 "$folder/server.log" >&2
            exit 1
        fi
        sleep 0.2
        waited=$((waited + 1))
    done
}

start() {
    if ! is_running; then
        if answers; then
            echo "kafka.sh: port $port is taken by another program; choose one with KAFKA_PORT." >&2
            exit 1
        fi
        mkdir -p "$folder" "$jars"
        fetch_jars
        write_settings
        make_certificate
        format_storage
        # setsid: the broker outlives the terminal or make target that started it.
        setsid java -Xms256m -Xmx768m -XX:+UseSerialGC \
            -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true \
            -cp "$jars/*" kafka.Kafka "$folder/server.properties" \
            > "$folder/server.log" 2>&1 < /dev/null &
        echo $! > "$pid_file"
    fi
    wait_until_it_answers
    echo "127.0.0.1:$port"
}

stop() {
    if is_running; then
        pid=$(cat "$pid_file")
        kill "$pid"
        waited=0
        while kill -0 "$pid" 2> /dev/null; do
            if [ "$waited" -ge 100 ]; then
                kill -9 "$pid"
            fi
            sleep 0.2
            waited=$((waited + 1))
        done
    fi
    rm -f "$pid_file"
}

case "${1:-}" in
    start) start ;;
    stop) stop ;;
    wipe) stop && rm -rf "$folder" ;;
    address) echo "127.0.0.1:$port" ;;
    *)
        sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
