import Foundation
import Postgres

/// The numbered SQL files that make the record's schemas (`storage/record/migrations`).
public enum RecordMigrations {
    private static let byteCountMax = 4 << 20

    /// All `NNNN_name.sql` files of a directory, by number.
    ///
    /// - Throws: `RecordError.migrations` that names the directory, also if it has no such file.
    public static func load(directory: String) throws(RecordError) -> [Migration] {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            var migrations: [Migration] = []
            for name in names.sorted() where name.hasSuffix(".sql") {
                let data = try Data(contentsOf: URL(fileURLWithPath: directory).appendingPathComponent(name))
                guard data.count <= byteCountMax, let sql = String(data: data, encoding: .utf8) else {
                    throw RecordError.migrations(directory: directory, reason: "not a text of SQL: \(name)")
                }
                migrations.append(Migration(file: name, sql: sql))
            }
            guard !migrations.isEmpty else {
                throw RecordError.migrations(directory: directory, reason: "there are no .sql files")
            }
            return migrations
        } catch let error as RecordError {
            throw error
        } catch {
            throw .migrations(directory: directory, reason: error.localizedDescription)
        }
    }
}
