import Foundation
import Testing

@Suite("Faults, end to end", .serialized)
struct KillTests {
    /// Every kill falls at another moment of sync and replication.
    static let kills = 50

    @Test("kill -9 at 50 random moments of a sync loses nothing and doubles nothing")
    func killedServerRecovers() async throws {
        let shop = try await Shop.open(scale: 60_000, seed: 11)
        var random = SplitMix(seed: 20_261_123)
        do {
            for _ in 0..<Self.kills {
                _ = try await shop.serve()
                try await Task.sleep(for: .milliseconds(Int(random.next() % 700)))
                shop.killServer()
            }
            _ = try await shop.serve(["--no-sync"])
            _ = try await shop.sync()
            let verified = try await shop.verify()
            #expect(verified.contains("equal"), "\(verified)")
            let simulated = try await simulatedCounts(shop)
            for (kind, count) in simulated {
                let recorded = try shop.record(
                    "SELECT count(*) FROM shop.document WHERE kind = '\(kind)' AND NOT deleted")
                #expect(recorded == ["\(count)"], "\(kind)")
            }
            let doubled = try shop.record("SELECT count(*) - count(DISTINCT uid) FROM shop.document_line")
            #expect(doubled == ["0"])
        } catch {
            await shop.close()
            throw error
        }
        await shop.close()
    }

    private func simulatedCounts(_ shop: Shop) async throws -> [(String, Int)] {
        var counts: [(String, Int)] = []
        for kind in ["customerorder", "demand", "retaildemand", "salesreturn", "retailsalesreturn"] {
            let reply = try await shop.edit("GET", "entity/\(kind)?limit=1")
            let meta = try #require(reply.json["meta"] as? [String: Any])
            counts.append((kind, try #require(meta["size"] as? Int)))
        }
        return counts
    }

    /// Steele, Lea, Flood 2014: the same moments in every run.
    struct SplitMix {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
