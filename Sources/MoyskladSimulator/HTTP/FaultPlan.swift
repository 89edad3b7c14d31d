/// Faults that a test or a demonstration asks for, beside the API: the next answers go wrong in a named way.
struct FaultPlan: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// 429 with code 1049.
        case rateLimit
        /// 429 with code 1073.
        case parallelLimit
        /// 500 with code 1999.
        case serverError
        /// 503 with code 1074.
        case maintenance
        /// 502 with a page of HTML.
        case badGateway
        /// An answer whose compressed body ends early.
        case truncated
        /// The connection is closed in the middle of the body.
        case reset
        /// 200 with an empty body.
        case emptyBody
        /// The right answer, late.
        case delay
        /// 401, as when another installation took a new token.
        case unauthorized
    }

    struct Fault: Sendable {
        var kind: Kind
        /// Requests that it still strikes.
        var count: Int
        /// Requests that it lets pass first.
        var skip: Int
        /// What the path must contain; empty strikes all.
        var match: String
        var delay: Duration
    }

    static let countMax = 1_000_000
    static let faultsMax = 100

    private(set) var faults: [Fault] = []

    mutating func add(_ fault: Fault) -> Bool {
        guard faults.count < Self.faultsMax else { return false }
        faults.append(fault)
        return true
    }

    mutating func clear() { faults = [] }

    /// The first fault that this request meets; its count goes down.
    mutating func strike(path: String) -> Fault? {
        for index in faults.indices where faults[index].match.isEmpty || path.contains(faults[index].match) {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            faults[index].count -= 1
            let fault = faults[index]
            if fault.count <= 0 { faults.remove(at: index) }
            return fault
        }
        return nil
    }
}
