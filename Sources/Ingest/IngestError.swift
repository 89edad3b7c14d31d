import Moysklad
import SystemOfRecord

/// Why a sync stopped. What was written before stays; the next sync goes on from there.
public enum IngestError: Error, Sendable, Hashable {
    case moysklad(MoyskladError)
    case record(RecordError)
}

extension IngestError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .moysklad(let error): "\(error)"
        case .record(let error): "\(error)"
        }
    }
}
