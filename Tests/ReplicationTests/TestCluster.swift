import Foundation

import Postgres

/// One private cluster for all tests of this process, with a database for each test that asks.
enum TestCluster {
    private static let directory = FileManager.default.temporaryDirectory
        .appending(path: "ambar-mirror-\(getpid())").path

    private static let shared: Result<PrivateCluster, any Error> = Result {
        let cluster = try PrivateCluster(directory: directory, options: .init(isDurable: false))
        try cluster.start()
        atexit {
            TestCluster.stop()
        }
        return cluster
    }

    private static func stop() {
        guard let cluster = try? shared.get() else { return }
        cluster.stop()
        _ = try? FileManager.default.removeItem(atPath: directory)
    }

    /// A new, empty database and how to reach it.
    static func makeDatabase() throws -> PostgresConfiguration {
        let cluster = try shared.get()
        let name = "t" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try PostgresConnection(cluster.configuration).executeScript("CREATE DATABASE \(name)")
        var configuration = cluster.configuration
        configuration.database = name
        return configuration
    }
}
