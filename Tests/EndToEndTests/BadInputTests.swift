import Foundation
import Testing

/// One clear line that names the thing and the way out, and an exit code, for what users get wrong.
@Suite("Bad input, end to end", .serialized)
struct BadInputTests {
    /// The output is one line, names what it should, and holds nothing of a crash.
    private func expectFailure(
        _ arguments: [String], environment: [String: String] = [:], status: Int32 = 1, naming words: [String]
    ) async throws {
        let done = try await AmbarProcess.run(arguments, environment: environment, within: 90)
        #expect(done.status == status, "\(done.output)")
        for word in words { #expect(done.output.contains(word), "\(word) is missing in: \(done.output)") }
        for trace in ["Fatal error", "Stack dump", "SIGILL", "Crash"] {
            #expect(!done.output.contains(trace))
        }
    }

    @Test("usage errors exit with 2")
    func usage() async throws {
        try await expectFailure(["serve", "--port", "many"], status: 2, naming: ["many"])
        try await expectFailure(["nonsense"], status: 2, naming: ["nonsense"])
    }

    @Test("a wrong token, and no network")
    func moyskladOutOfReach() async throws {
        let shop = try await Shop.open(scale: 500)
        var environment = shop.environment
        environment["AMBAR_MOYSKLAD_TOKEN"] = "0000"
        let data = shop.data
        try await expectFailure(
            ["sync", "--data", data], environment: environment, naming: ["token", "AMBAR_MOYSKLAD_TOKEN"])
        await shop.close()
        environment["AMBAR_MOYSKLAD_URL"] = "http://127.0.0.1:9/api/remap/1.2"
        try await expectFailure(["sync", "--data", data], environment: environment, naming: ["127.0.0.1"])
        environment["AMBAR_MOYSKLAD_TOKEN"] = ""
        try await expectFailure(
            ["sync", "--data", data], environment: environment, naming: ["AMBAR_MOYSKLAD_TOKEN"])
    }

    @Test("Postgres that is not there")
    func postgresDown() async throws {
        let directory = try TemporaryDirectory()
        try await expectFailure(
            ["serve", "--data", directory.path, "--port", "0"],
            environment: ["AMBAR_POSTGRES_URL": "postgres://nobody:secret@127.0.0.1:9/none"],
            naming: ["Postgres", "127.0.0.1"])
    }

    @Test("a password never shows in a message")
    func passwordStaysSecret() async throws {
        let directory = try TemporaryDirectory()
        let done = try await AmbarProcess.run(
            ["serve", "--data", directory.path, "--port", "0"],
            environment: ["AMBAR_POSTGRES_URL": "postgres://nobody:verysecret@127.0.0.1:9/none"])
        #expect(!done.output.contains("verysecret"))
    }

    @Test("a directory already in use, and a broken manifest")
    func directory() async throws {
        let shop = try await Shop.open(scale: 500)
        do {
            _ = try await shop.serve(["--no-sync"])
            try await expectFailure(
                ["serve", "--data", shop.data, "--port", "0"], environment: shop.environment,
                naming: [shop.data, "\(shop.server?.identifier ?? 0)"])
            await shop.server?.stop()
            let store = shop.data + "/store"
            let names = try FileManager.default.contentsOfDirectory(atPath: store)
            let manifest = try #require(names.first { $0.lowercased().contains("manifest") })
            var bytes = [UInt8](try Data(contentsOf: URL(filePath: store + "/" + manifest)))
            bytes[bytes.count / 2] ^= 0x40
            try Data(bytes).write(to: URL(filePath: store + "/" + manifest))
            try await expectFailure(
                ["sql", "--data", shop.data, "-c", "SELECT 1"], environment: shop.environment,
                naming: [manifest, "ambar rebuild"])
        } catch {
            await shop.close()
            throw error
        }
        await shop.close()
    }

    @Test("requests that make no sense get a problem that says so")
    func http() async throws {
        let shop = try await Shop.open(scale: 500)
        do {
            let anonymous = try await shop.serve(["--no-sync"])
            let denied = try await anonymous.send("POST", "api/v1/query", body: #"{"sql":"SELECT 1"}"#)
            #expect(denied.status == 401 && denied.contentType.hasPrefix("application/problem+json"))
            let wrong = try await anonymous.send(
                "POST", "api/v1/auth/token", body: #"{"login":"admin","password":"guess"}"#)
            #expect(wrong.status == 401)
            let api = try await shop.signIn(anonymous)
            let notJSON = try await api.send("POST", "api/v1/query", body: "{sql:")
            #expect(notJSON.status == 400 && notJSON.contentType.hasPrefix("application/problem+json"))
            let malformed = try await api.send("POST", "api/v1/query", body: #"{"sql":"SELECT 1 FORM t"}"#)
            #expect(malformed.status == 400 && malformed.json["code"] as? String == "42601")
            #expect(malformed.json["position"] as? Int != nil)
            let unknown = try await api.send(
                "POST", "api/v1/query", body: #"{"sql":"SELECT * FROM shop.documents"}"#)
            #expect(unknown.status == 400 && unknown.json["code"] as? String == "42P01")
            #expect(unknown.text.contains("shop.document"), "a near match is named")
            let health = try await anonymous.send("GET", "healthz")
            let ready = try await anonymous.send("GET", "readyz")
            #expect(health.status == 200 && ready.status == 200)
        } catch {
            await shop.close()
            throw error
        }
        await shop.close()
    }
}
