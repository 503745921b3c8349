"""The door in: Debezium configuration, the Kafka Connect client, decoding, the embedded stack, event files."""
