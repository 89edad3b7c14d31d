import HTTPTypes
import Hummingbird
import NIOCore

/// What tests and demonstrations ask of the simulator itself, beside the API and without its rules:
///
/// - `POST /simulator/faults` with `{"kind": …, "count": 1, "skip": 0, "match": "demand", "milliseconds": 0}`
///   makes the next answers go wrong; kinds are those of `FaultPlan.Kind`. `GET` lists them, `DELETE` clears.
/// - `GET /simulator/status` counts objects, lines and requests.
struct ControlRoutes {
    let store: ShopStore
    let gate: RequestGate

    func respond(method: String, path: String, body: [UInt8]) -> Response {
        switch (method, path) {
        case ("POST", "/simulator/faults"): return addFault(body)
        case ("GET", "/simulator/faults"): return faults()
        case ("DELETE", "/simulator/faults"):
            gate.clearFaults()
            return Response(status: .noContent)
        case ("GET", "/simulator/status"): return status()
        default: return json(.notFound) { $0.field("error", "no such control: \(method) \(path)") }
        }
    }

    private func addFault(_ body: [UInt8]) -> Response {
        let request: RequestJSON
        do throws(RequestJSON.Failure) {
            request = try RequestJSON(body)
        } catch {
            return json(.badRequest) { $0.field("error", "the body is not JSON: \(error)") }
        }
        guard let kind = request["kind"]?.string.flatMap(FaultPlan.Kind.init(rawValue:)) else {
            let kinds = FaultPlan.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            return json(.badRequest) { $0.field("error", "kind must be one of: \(kinds)") }
        }
        func number(_ field: String, _ absent: Int64) -> Int {
            Int(min(max(request[field]?.units(scale: 1) ?? absent, 0), Int64(FaultPlan.countMax)))
        }
        let fault = FaultPlan.Fault(
            kind: kind, count: max(1, number("count", 1)), skip: number("skip", 0),
            match: request["match"]?.string ?? "", delay: .milliseconds(number("milliseconds", 0)))
        guard gate.add(fault) else {
            return json(.badRequest) { $0.field("error", "too many faults: \(FaultPlan.faultsMax)") }
        }
        return faults()
    }

    private func faults() -> Response {
        json(.ok) { writer in
            writer.key("faults" as StaticString)
            writer.open(UInt8(ascii: "["))
            for fault in gate.faults {
                writer.open(UInt8(ascii: "{"))
                writer.field("kind", fault.kind.rawValue)
                writer.field("count", fault.count)
                writer.field("skip", fault.skip)
                writer.field("match", fault.match)
                writer.field("milliseconds", Int(fault.delay.milliseconds))
                writer.close(UInt8(ascii: "}"))
            }
            writer.close(UInt8(ascii: "]"))
        }
    }

    private func status() -> Response {
        let shop = store.snapshot
        let totals = gate.totals
        return json(.ok) { writer in
            writer.field("version", shop.version)
            writer.field("now", shop.clock.now)
            writer.field("lines", shop.lines.count)
            writer.field("requests", totals.requests)
            writer.field("refused", totals.refused)
            writer.key("objects" as StaticString)
            writer.open(UInt8(ascii: "{"))
            for type in ObjectType.allCases {
                let count = (0..<Int32(shop.rowCount(type))).count {
                    shop.exists(ObjectReference(type: type, ordinal: $0))
                }
                writer.field(type.rawValue, count)
            }
            writer.close(UInt8(ascii: "}"))
        }
    }

    private func json(_ status: HTTPResponse.Status, _ body: (inout JSONWriter) -> Void) -> Response {
        var writer = JSONWriter()
        writer.open(UInt8(ascii: "{"))
        body(&writer)
        writer.close(UInt8(ascii: "}"))
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}
