/// The words that the grammar knows. Their classes are those of PostgreSQL's appendix "SQL Key Words".
public enum Keyword: String, CaseIterable, Hashable, Sendable {
    case add, all, alter, analyse, analyze, and, any, array, `as`, asc, asof, asymmetric, at, authorization
    case begin, between, bigint, binary, bit, boolean, both, by
    case cascade, `case`, cast, char, character, check, coalesce, collate, collation, column, commit,
        concurrently
    case constraint, copy, create, cross, csv, cube, current, currentCatalog = "current_catalog"
    case currentDate = "current_date", currentRole = "current_role", currentSchema = "current_schema"
    case currentTime = "current_time", currentTimestamp = "current_timestamp", currentUser = "current_user"
    case day, dec, decimal, `default`, deferrable, delete, desc, describe, distinct, `do`, double, drop
    case `else`, end, escape, except, exclude, execute, exists, explain, extract
    case `false`, fetch, filter, first, float, following, `for`, foreign, freeze, from, full
    case grant, greatest, group, grouping, groups
    case having, hour
    case `if`, ilike, `in`, initially, inner, insert, int, integer, intersect, interval, into, `is`, isnull
    case join
    case key
    case last, lateral, leading, least, left, like, limit, local, localtime, localtimestamp
    case materialized, minute, month
    case national, natural, nchar, next, no, none, normalize, not, notnull, null, nullif, nulls, numeric
    case of, off, offset, on, only, or, order, ordinality, others, out, outer, over, overlaps, overlay
    case partition, placing, position, preceding, precision, primary, program
    case qualify
    case range, real, recursive, references, rename, replace, restrict, returning, right, rollback, rollup,
        row, rows
    case schema, second, select, sessionUser = "session_user", set, setof, sets, show, similar, simple,
        smallint
    case some, start, stdin, stdout, substring, symmetric
    case table, tablesample, temp, temporary, then, ties, time, timestamp, to, trailing, transaction, treat,
        trim
    case `true`, truncate
    case unbounded, union, unique, unknown, update, user, using
    case values, varchar, variadic, varying, verbose, view
    case when, `where`, window, with, within, without, work
    case year
    case zone

    enum Reservation: Hashable, Sendable {
        case none
        /// Names columns and tables, but no function and no type.
        case columnName
        /// Names functions and types, but no column and no table.
        case functionOrType
        case reserved
    }

    var reservation: Reservation {
        if Self.reserved.contains(self) { return .reserved }
        if Self.columnNames.contains(self) { return .columnName }
        return Self.functionsOrTypes.contains(self) ? .functionOrType : .none
    }

    /// Whether the word may name an output column without AS before it.
    var isBareLabel: Bool { !Self.needsAs.contains(self) }

    static let reserved: Set<Keyword> = [
        .all, .analyse, .analyze, .and, .any, .array, .as, .asc, .asymmetric, .both, .case, .cast, .check,
        .collate, .column, .constraint, .create, .currentCatalog, .currentDate, .currentRole, .currentTime,
        .currentTimestamp, .currentUser, .default, .deferrable, .desc, .distinct, .do, .else, .end, .except,
        .false, .fetch, .for, .foreign, .from, .grant, .group, .having, .in, .initially, .intersect, .into,
        .lateral, .leading, .limit, .localtime, .localtimestamp, .not, .null, .offset, .on, .only, .or,
        .order,
        .placing, .primary, .references, .returning, .select, .sessionUser, .some, .symmetric, .table, .then,
        .to, .trailing, .true, .union, .unique, .user, .using, .variadic, .when, .where, .window, .with,
    ]

    static let columnNames: Set<Keyword> = [
        .between, .bigint, .bit, .boolean, .char, .character, .coalesce, .dec, .decimal, .exists, .extract,
        .float, .greatest, .grouping, .int, .integer, .interval, .least, .national, .nchar, .none, .normalize,
        .nullif, .numeric, .out, .overlay, .position, .precision, .real, .row, .setof, .smallint, .substring,
        .time, .timestamp, .treat, .trim, .values, .varchar,
    ]

    static let functionsOrTypes: Set<Keyword> = [
        .authorization, .binary, .collation, .concurrently, .cross, .currentSchema, .freeze, .full, .ilike,
        .inner, .is, .isnull, .join, .left, .like, .natural, .notnull, .outer, .overlaps, .right, .similar,
        .tablesample, .verbose,
    ]

    private static let needsAs: Set<Keyword> = [
        .array, .as, .char, .character, .create, .day, .except, .fetch, .filter, .for, .from, .grant, .group,
        .having, .hour, .intersect, .into, .isnull, .limit, .minute, .month, .notnull, .offset, .on, .order,
        .over, .overlaps, .precision, .qualify, .returning, .second, .to, .union, .varying, .where, .window,
        .with, .within, .without, .year,
    ]
}
