/// What the private server's configuration says beyond `initdb`'s.
enum ClusterSettings {
    static func text(socketDirectory: String, isDurable: Bool) -> String {
        let escaped = socketDirectory.replacing("'", with: "''")
        return """
            # Written by Ambar at every start; settings of your own go to postgresql.auto.conf (ALTER SYSTEM).
            listen_addresses = ''
            unix_socket_directories = '\(escaped)'
            unix_socket_permissions = 0700
            port = \(PostgresConfiguration.defaultPort)
            max_connections = 100
            wal_level = logical
            max_wal_senders = 20
            max_replication_slots = 20
            max_slot_wal_keep_size = 16GB
            logging_collector = off
            log_min_messages = warning
            jit = off
            \(isDurable ? durable : volatileForTests)

            """
    }

    private static let durable = """
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        shared_buffers = 128MB
        max_wal_size = 2GB
        checkpoint_timeout = 10min
        """

    private static let volatileForTests = """
        fsync = off
        synchronous_commit = off
        full_page_writes = off
        shared_buffers = 16MB
        autovacuum_naptime = 10min
        """
}
