/// All documents of one kind, a column each: a shop with a million lines stays small in memory.
struct DocumentTable: Sendable {
    /// Bits of `flags`.
    struct Flags: OptionSet, Sendable {
        var rawValue: UInt8

        static let applicable = Flags(rawValue: 1)
        static let vatEnabled = Flags(rawValue: 2)
        static let vatIncluded = Flags(rawValue: 4)
        static let deleted = Flags(rawValue: 8)
        /// The goods of an order are held back for it.
        static let reserved = Flags(rawValue: 16)
        /// The goods of an order have left.
        static let shipped = Flags(rawValue: 32)
    }

    /// What stands in a column of small numbers where there is nothing.
    static let none = UInt8.max

    let kind: DocumentKind
    var moments: [Int64] = []
    var created: [Int64] = []
    var updated: [Int64] = []
    var agents: [Int32] = []
    var organizations: [UInt8] = []
    var stores: [UInt8] = []
    var channels: [UInt8] = []
    var projects: [UInt8] = []
    var states: [UInt8] = []
    var owners: [UInt8] = []
    var currencies: [UInt8] = []
    /// Ten-thousandths; 10,000 is one.
    var rates: [Int32] = []
    var flags: [Flags] = []
    /// Kopecks of the document's currency.
    var sums: [Int64] = []
    var vatSums: [Int64] = []
    var paidSums: [Int64] = []
    var firstLines: [Int32] = []
    var lineCounts: [Int32] = []
    /// The document that this one is based on, in the table of `kind.baseKind`; -1 for none.
    var bases: [Int32] = []
    /// What few documents have.
    var names: [Int32: String] = [:]
    var descriptions: [Int32: String] = [:]
    var externalCodes: [Int32: String] = [:]
    var addresses: [Int32: String] = [:]
    /// Lines of documents whose lines are no longer one stretch.
    private(set) var editedLines: [Int32: [Int32]] = [:]

    init(kind: DocumentKind) { self.kind = kind }

    var count: Int { moments.count }

    /// One row, to be added or changed as a whole.
    struct Row: Sendable {
        var moment: ShopTime
        var created: ShopTime
        var updated: ShopTime
        var agent: Int32
        var organization: UInt8
        var store = DocumentTable.none
        var channel = DocumentTable.none
        var project = DocumentTable.none
        var state = DocumentTable.none
        var owner: UInt8 = 0
        var currency: UInt8 = 0
        var rate: Int32 = 10_000
        var flags: Flags = [.applicable]
        var sum: Int64 = 0
        var vatSum: Int64 = 0
        var paidSum: Int64 = 0
        var firstLine: Int32 = 0
        var lineCount: Int32 = 0
        var base: Int32 = -1

        var arithmetic: LineArithmetic {
            LineArithmetic(vatEnabled: flags.contains(.vatEnabled), vatIncluded: flags.contains(.vatIncluded))
        }
    }

    @discardableResult
    mutating func append(_ row: Row) -> Int32 {
        moments.append(row.moment.milliseconds)
        created.append(row.created.milliseconds)
        updated.append(row.updated.milliseconds)
        agents.append(row.agent)
        organizations.append(row.organization)
        stores.append(row.store)
        channels.append(row.channel)
        projects.append(row.project)
        states.append(row.state)
        owners.append(row.owner)
        currencies.append(row.currency)
        rates.append(row.rate)
        flags.append(row.flags)
        sums.append(row.sum)
        vatSums.append(row.vatSum)
        paidSums.append(row.paidSum)
        firstLines.append(row.firstLine)
        lineCounts.append(row.lineCount)
        bases.append(row.base)
        return Int32(moments.count - 1)
    }

    subscript(_ ordinal: Int32) -> Row {
        get {
            let index = Int(ordinal)
            return Row(
                moment: ShopTime(milliseconds: moments[index]),
                created: ShopTime(milliseconds: created[index]),
                updated: ShopTime(milliseconds: updated[index]), agent: agents[index],
                organization: organizations[index], store: stores[index], channel: channels[index],
                project: projects[index], state: states[index], owner: owners[index],
                currency: currencies[index],
                rate: rates[index], flags: flags[index], sum: sums[index], vatSum: vatSums[index],
                paidSum: paidSums[index], firstLine: firstLines[index], lineCount: lineCounts[index],
                base: bases[index])
        }
        set {
            let index = Int(ordinal)
            moments[index] = newValue.moment.milliseconds
            created[index] = newValue.created.milliseconds
            updated[index] = newValue.updated.milliseconds
            agents[index] = newValue.agent
            organizations[index] = newValue.organization
            stores[index] = newValue.store
            channels[index] = newValue.channel
            projects[index] = newValue.project
            states[index] = newValue.state
            owners[index] = newValue.owner
            currencies[index] = newValue.currency
            rates[index] = newValue.rate
            flags[index] = newValue.flags
            sums[index] = newValue.sum
            vatSums[index] = newValue.vatSum
            paidSums[index] = newValue.paidSum
            firstLines[index] = newValue.firstLine
            lineCounts[index] = newValue.lineCount
            bases[index] = newValue.base
        }
    }

    /// The document's number: its place in the journal unless somebody gave it another one.
    func name(_ ordinal: Int32) -> String {
        if let name = names[ordinal] { return name }
        let digits = String(ordinal + 1)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    /// Gives the document other lines; its sums are the caller's to count again.
    mutating func setLines(_ lines: [Int32], of ordinal: Int32) {
        editedLines[ordinal] = lines
        lineCounts[Int(ordinal)] = Int32(lines.count)
    }

    func isLive(_ ordinal: Int32) -> Bool { !flags[Int(ordinal)].contains(.deleted) }

    func lines(_ ordinal: Int32) -> DocumentLines {
        DocumentLines(
            first: Int(firstLines[Int(ordinal)]), count: Int(lineCounts[Int(ordinal)]),
            edited: editedLines[ordinal])
    }
}

/// The places of a document's lines in the table of lines: a stretch, until somebody adds or removes one.
struct DocumentLines: RandomAccessCollection, Sendable {
    let first: Int
    let count: Int
    let edited: [Int32]?

    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(position: Int) -> Int { edited.map { Int($0[position]) } ?? first + position }
}
