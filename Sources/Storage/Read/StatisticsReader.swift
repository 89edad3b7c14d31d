import Columns
import TableCatalog

/// Puts a table's statistics together from the footers of its row groups.
enum StatisticsReader {
    private static let rowGroupsMax = 256
    /// Distributions are merged from fewer: sorting them costs more.
    private static let distributionsMax = 64

    static func statistics(of table: TableState) throws(StorageError) -> TableStatistics {
        let types = table.definition.columns.types
        let groups = sample(table.rowGroups)
        var zones = [Zone](repeating: .empty, count: types.count)
        var sketches = [DistinctSketch](repeating: DistinctSketch(), count: types.count)
        let stride = (groups.count + distributionsMax - 1) / distributionsMax
        var mergers = types.map { DistributionMerger(type: $0, segmentCount: groups.count / max(1, stride)) }
        for (place, live) in groups.enumerated() {
            for (index, column) in try live.group.footer().columns.enumerated() {
                zones[index].merge(column.zone)
                sketches[index].merge(column.sketch)
                if place % stride == 0 { mergers[index].add(column.distribution, column.zone) }
            }
        }
        let sampledRows = groups.reduce(0) { $0 + $1.group.rowCount }
        let allRows = table.rowGroups.reduce(0) { $0 + $1.group.rowCount }
        let columns = types.indices.map { index in
            column(
                zones[index], sketches[index], type: types[index], sampledRows: sampledRows, allRows: allRows,
                rowCount: table.rowCount, distribution: mergers[index])
        }
        return TableStatistics(rowCount: table.rowCount, columns: columns)
    }

    private static func column(
        _ zone: Zone, _ sketch: DistinctSketch, type: DataType, sampledRows: Int, allRows: Int, rowCount: Int,
        distribution: DistributionMerger
    ) -> ColumnStatistics {
        let isWhole = sampledRows == allRows
        var distinct = sketch.estimate
        // A column that hardly repeats in the sample goes on not repeating in the rest.
        if !isWhole && distinct > 0.5 * Double(sampledRows) {
            distinct *= Double(allRows) / Double(max(1, sampledRows))
        }
        let nulls = Double(zone.nullCount) * Double(rowCount) / Double(max(1, sampledRows))
        let knowsBounds = isWhole && zone.hasValues
        return ColumnStatistics(
            nullCount: min(rowCount, Int(nulls.rounded())),
            minimum: knowsBounds ? ZoneKey.value(of: zone.minimum, type: type) : nil,
            maximum: knowsBounds ? ZoneKey.value(of: zone.maximum, type: type) : nil,
            distinctCount: min(distinct, Double(rowCount)), histogram: distribution.histogram(),
            mostCommon: distribution.mostCommon, averageBytes: distribution.averageBytes)
    }

    private static func sample(_ groups: [LiveRowGroup]) -> [LiveRowGroup] {
        guard groups.count > rowGroupsMax else { return groups }
        return (0..<rowGroupsMax).map { groups[$0 * groups.count / rowGroupsMax] }
    }
}
