import APIContract
import HTTPTypes
import Hummingbird

/// `GET /healthz` says that the process answers, `GET /readyz` that everything it needs does.
struct HealthRoutes: Sendable {
    let readiness: any ReadinessProbe

    func add(to router: Router<APIRequestContext>) {
        router.get("healthz") { _, _ in try JSONReply.response(HealthReply(status: "ok")) }
        router.get("readyz") { _, _ in
            let checks = await readiness.checks()
            let isReady = checks.allSatisfy(\.isReady)
            return try JSONReply.response(
                HealthReply(status: isReady ? "ok" : "unavailable", checks: checks),
                status: isReady ? .ok : .serviceUnavailable)
        }
    }
}

/// `GET /api/v1/tables`.
struct TableRoutes: Sendable {
    let queries: any QueryService
    let threads: QueryThreads

    func add(to group: RouterGroup<APIRequestContext>) {
        group.get("tables") { _, context in
            _ = try context.requireAccount(atLeast: .viewer)
            let service = queries
            let tables = try await threads.run { try service.tables() }
            return try JSONReply.response(TablesReply(tables: tables))
        }
    }
}
