package vn.thidua.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The contestant kafka-streams: exactly once, two stores in RocksDB, changed counters published every 100 ms. */
public final class Months {
    private static final Duration BEAT = Duration.ofMillis(100);
    private static final JsonFactory JSON = new JsonFactory();
    private static final ZoneId VIETNAM = ZoneId.of("Asia/Ho_Chi_Minh");
    private static final String LOCAL = "+07:00";
    private static final String SEPARATOR = "\u001f";
    private static final int FIELD = 20;
    private static final long MASK = (1 << FIELD) - 1;

    private Months() {}

    /** One version of a task as the store keeps it: version, unit, people, deadline, done, title. */
    private record Task(String id, long version, String unit, String people, String deadline, String done, String title) {
        byte[] stored() {
            String text = String.join(SEPARATOR, Long.toString(version), unit, people, deadline, done, title);
            return text.getBytes(StandardCharsets.UTF_8);
        }

        static Task of(byte[] stored) {
            String[] parts = new String(stored, StandardCharsets.UTF_8).split(SEPARATOR, -1);
            return new Task("", Long.parseLong(parts[0]), parts[1], parts[2], parts[3], parts[4], parts[5]);
        }

        /** Due, on time and late in one number: 20 bits each. */
        long weight() {
            if (done.isEmpty()) {
                return 1;
            }
            return 1 + (done.compareTo(deadline) <= 0 ? 1L << FIELD : 1L << 2 * FIELD);
        }
    }

    private static Task read(byte[] body) {
        String source = "", id = "", unit = "", deadline = "", done = "", title = "";
        long version = 0;
        List<String> people = new ArrayList<>(1);
        try (JsonParser parser = JSON.createParser(body)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (name) {
                    case "source" -> source = parser.getText();
                    case "source_id" -> id = parser.getText();
                    case "version" -> version = parser.getLongValue();
                    case "unit" -> unit = parser.getText();
                    case "deadline" -> deadline = parser.getText();
                    case "title" -> title = token == JsonToken.VALUE_NULL ? "" : parser.getText();
                    case "completed_at" -> done = token == JsonToken.VALUE_NULL ? "" : localDay(parser.getText());
                    case "assignees" -> readPeople(parser, people);
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return new Task(source + "/" + id, version, unit, String.join(",", people), deadline, done, title);
    }

    private static void readPeople(JsonParser parser, List<String> people) throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.FIELD_NAME && parser.currentName().equals("code")) {
                parser.nextToken();
                people.add(parser.getText());
            }
        }
    }

    private static String localDay(String moment) {
        if (moment.endsWith(LOCAL)) {
            return moment.substring(0, 10);
        }
        return OffsetDateTime.parse(moment).atZoneSameInstant(VIETNAM).toLocalDate().toString();
    }

    /** Keeps tasks and counters of one partition. */
    private static final class Counting implements Processor<byte[], byte[], byte[], byte[]> {
        private final Map<String, Long> changed = new HashMap<>();
        private ProcessorContext<byte[], byte[]> context;
        private KeyValueStore<String, byte[]> tasks;
        private KeyValueStore<String, Long> counters;

        @Override
        public void init(ProcessorContext<byte[], byte[]> given) {
            context = given;
            tasks = given.getStateStore("tasks");
            counters = given.getStateStore("counters");
            // What changed last before a crash was perhaps not published: everything is published again.
            try (KeyValueIterator<String, Long> all = counters.all()) {
                all.forEachRemaining(entry -> changed.put(entry.key, entry.value));
            }
            given.schedule(BEAT, PunctuationType.WALL_CLOCK_TIME, this::publish);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            Task task = read(record.value());
            byte[] stored = tasks.get(task.id());
            if (stored != null) {
                Task old = Task.of(stored);
                if (task.version() <= old.version()) {
                    return;
                }
                count(old, -old.weight());
            }
            tasks.put(task.id(), task.stored());
            count(task, task.weight());
        }

        private void count(Task task, long weight) {
            String month = task.deadline().substring(0, 7);
            add(task.unit() + "/" + month, weight);
            for (String person : task.people().isEmpty() ? new String[0] : task.people().split(",")) {
                add(person + "/" + month, weight);
            }
        }

        private void add(String place, long weight) {
            Long known = counters.get(place);
            long now = (known == null ? 0 : known) + weight;
            counters.put(place, now);
            changed.put(place, now);
        }

        private void publish(long at) {
            changed.forEach((place, counter) -> {
                int cut = place.lastIndexOf('/');
                String body = "{\"subject\":\"" + place.substring(0, cut) + "\",\"month\":\"" + place.substring(cut + 1)
                    + "\",\"due\":" + (counter & MASK) + ",\"on_time\":" + (counter >> FIELD & MASK)
                    + ",\"late\":" + (counter >> 2 * FIELD) + "}";
                context.forward(new Record<>(
                    place.getBytes(StandardCharsets.UTF_8), body.getBytes(StandardCharsets.UTF_8), at));
            });
            changed.clear();
        }
    }

    private static Topology topology(Map<String, String> told) {
        Serde<byte[]> bytes = Serdes.ByteArray();
        Topology topology = new Topology();
        topology.addSource("tasks-in", bytes.deserializer(), bytes.deserializer(), told.get("BENCH_TASKS"));
        topology.addProcessor("counting", Counting::new, "tasks-in");
        topology.addStateStore(Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore("tasks"), Serdes.String(), bytes).withCachingDisabled(), "counting");
        topology.addStateStore(Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore("counters"), Serdes.String(), Serdes.Long()).withCachingEnabled(), "counting");
        topology.addSink("results", told.get("BENCH_RESULTS"), bytes.serializer(), bytes.serializer(), "counting");
        return topology;
    }

    private static Properties settings(Map<String, String> told) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, told.get("BENCH_GROUP"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, told.get("BENCH_SERVERS"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, told.get("BENCH_FOLDER"));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, BEAT.toMillis());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64 << 20);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put("auto.offset.reset", "earliest");
        settings.put("producer.compression.type", "lz4");
        settings.put("producer.batch.size", 256 << 10);
        settings.put("consumer.max.poll.records", 5_000);
        settings.put("consumer.max.partition.fetch.bytes", 4 << 20);
        return settings;
    }

    public static void main(String[] none) {
        Map<String, String> told = System.getenv();
        KafkaStreams streams = new KafkaStreams(topology(told), settings(told));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
        streams.start();
    }
}
