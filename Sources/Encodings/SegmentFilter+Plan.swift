import Columns

extension SegmentFilter {
    static func plan(
        _ segment: EncodedSegment, _ test: ValueTest, _ tableDictionary: VectorDictionary?,
        _ tableAnswers: TableCodeAnswers
    ) -> Plan {
        switch test.form {
        case .never: return .none
        case .isNull: return .nulls
        case .isNotNull:
            if case .allNull = segment.form { return .none }
            return .valid
        case .words(let keys): return plan(segment, keys)
        case .wide(let keys): return plan(segment, wide: keys)
        case .strings(let strings): return plan(segment, strings, tableDictionary, tableAnswers)
        }
    }

    private static func plan(_ segment: EncodedSegment, _ keys: KeySet<Int64>) -> Plan {
        let physical = segment.type.physical
        switch segment.form {
        case .allNull: return .none
        case .constant(let value):
            return keys.contains(key(at: value, physical)) ? .valid : .none
        case .plain(let values): return .plain(values, WordSet(keys))
        case .packed(let stream):
            let set = WordSet(keys)
            let isFloat = physical == .float64 || physical == .float32
            return isFloat ? .packedBits(stream, set) : .packed(stream, set)
        case .runs(let runs): return .runs(runs, keys)
        case .wordDictionary(let entries, let codes):
            let width = physical.byteCount
            let count = segment.entryCount
            return plan(
                codes,
                CodeAnswers(entryCount: count) { keys.contains(key(at: entries + $0 &* width, physical)) })
        default: return .decoded
        }
    }

    private static func plan(_ segment: EncodedSegment, wide keys: KeySet<Int128>) -> Plan {
        let physical = segment.type.physical
        switch segment.form {
        case .allNull: return .none
        case .constant(let value):
            return keys.contains(wideKey(at: value, physical)) ? .valid : .none
        case .plain(let values): return .plainWide(values, keys)
        case .packed(let stream):
            switch keys.inWords {
            case .none: return .none
            case .all: return .valid
            case .some(let words): return .packed(stream, WordSet(words))
            }
        case .runs(let runs):
            switch keys.inWords {
            case .none: return .none
            case .all: return .valid
            case .some(let words): return .runs(runs, words)
            }
        case .wordDictionary(let entries, let codes):
            return plan(
                codes,
                CodeAnswers(entryCount: segment.entryCount) {
                    keys.contains(wideKey(at: entries + $0 &* 16, physical))
                })
        default: return .decoded
        }
    }

    private static func plan(
        _ segment: EncodedSegment, _ test: StringTest, _ tableDictionary: VectorDictionary?,
        _ tableAnswers: TableCodeAnswers
    ) -> Plan {
        switch segment.form {
        case .allNull: return .none
        case .constantString(let view): return test.passes(view) ? .valid : .none
        case .stringDictionary(let dictionary, let codes):
            let views = dictionary.entries.pointer(as: StringView.self)
            return plan(codes, CodeAnswers(entryCount: dictionary.count) { test.passes(views[$0]) })
        case .tableDictionary(let codes):
            guard let tableDictionary, tableDictionary.count >= segment.tableEntryCount else {
                preconditionFailure("the reader checks the dictionary before it filters")
            }
            return plan(codes, tableAnswers.answers(tableDictionary, test))
        default: return .decoded
        }
    }

    private static func plan(_ codes: PackedStream, _ answers: CodeAnswers) -> Plan {
        switch answers.codes {
        case .none: .none
        case .all: .valid
        case .set, .bits, .table: .codes(codes, answers)
        }
    }

    /// The key of one value in memory.
    static func key(at value: UnsafeRawPointer, _ physical: PhysicalType) -> Int64 {
        switch physical {
        case .bool: Int64(value.load(as: UInt8.self) & 1)
        case .int16: Int64(value.loadUnaligned(as: Int16.self))
        case .int32: Int64(value.loadUnaligned(as: Int32.self))
        case .float32: OrderKey.key(Double(value.loadUnaligned(as: Float.self)))
        case .float64: OrderKey.key(value.loadUnaligned(as: Double.self))
        case .int64: value.loadUnaligned(as: Int64.self)
        case .int128, .uint128, .interval, .string: preconditionFailure("wide keys have their own function")
        }
    }

    static func wideKey(at value: UnsafeRawPointer, _ physical: PhysicalType) -> Int128 {
        switch physical {
        case .int128: value.loadUnaligned(as: Int128.self)
        case .uint128: OrderKey.key(value.loadUnaligned(as: UInt128.self))
        case .interval: value.loadUnaligned(as: Interval.self).comparisonKey
        default: preconditionFailure("narrow keys have their own function")
        }
    }
}
