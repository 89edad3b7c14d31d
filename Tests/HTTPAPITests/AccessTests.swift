import APIContract
import Foundation
import HTTPTypes
import Testing

@testable import HTTPAPI

@Suite("Who may do what")
struct AccessTests {
    @Test("each role may what the ones before it may", arguments: Role.allCases)
    func roles(role: Role) async throws {
        let token = try await TestAPI.token(role)
        try await TestAPI().with { api in
            #expect(try await api.send(.get, "/api/v1/tables", token: token).status == 200)
            let reply = try await api.query("SELECT 1", token: token)
            if role >= .analyst {
                #expect(reply.status == 200)
            } else {
                let problem = try reply.problem()
                #expect(reply.status == 403 && problem.code == "forbidden")
                #expect(problem.detail.contains("analyst") && problem.detail.contains(role.rawValue))
            }
        }
    }

    @Test(
        "without a valid token nothing but sign-in and health answers",
        arguments: [
            nil, "Bearer", "Bearer nonsense", "Basic YW5uYTp4", "Bearer a.b.c", "bearer",
        ])
    func noToken(header: String?) async throws {
        var headers: HTTPFields = [:]
        if let header { headers[.authorization] = header }
        try await TestAPI().with { [headers] api in
            for (method, path) in [(HTTPRequest.Method.get, "/api/v1/tables"), (.post, "/api/v1/query")] {
                let reply = try await api.send(method, path, headers: headers)
                #expect(try reply.problem().code == "unauthenticated" && reply.status == 401)
                #expect(reply.headers[.wwwAuthenticate] == "Bearer")
            }
        }
    }

    @Test("a token that has expired, was forged or was changed is refused")
    func badTokens() async throws {
        let good = try await TestAPI.token(.viewer)
        let parts = good.split(separator: ".").map(String.init)
        let admin = try await TestAPI.token(.admin).split(separator: ".").map(String.init)
        let unsigned = Data(#"{"alg":"none","typ":"JWT"}"#.utf8).base64EncodedString().filter { $0 != "=" }
        let lifetime = TimeInterval(AccessTokens.lifetimeSeconds)
        let bad = [
            "expired": try await TestAPI.token(.admin, issued: Date(timeIntervalSinceNow: -lifetime - 5)),
            "another key": try await TestAPI.token(.admin, key: [UInt8](repeating: 8, count: 32)),
            "another role": "\(parts[0]).\(admin[1]).\(parts[2])",
            "no signature": "\(unsigned).\(admin[1]).",
            "signature of none": "\(unsigned).\(admin[1]).\(admin[2])",
        ]
        let young = try await TestAPI.token(.viewer, issued: Date(timeIntervalSinceNow: 5 - lifetime))
        try await TestAPI().with { api in
            for (name, token) in bad {
                let reply = try await api.send(.get, "/api/v1/tables", token: token)
                #expect(try reply.problem().code == "unauthenticated", "\(name)")
            }
            for token in [good, young] {
                #expect(try await api.send(.get, "/api/v1/tables", token: token).status == 200)
            }
        }
    }

    @Test("a sign-in gives a token that works, and a refresh token that is good once")
    func signIn() async throws {
        try await TestAPI().with { api in
            let reply = try await api.signIn("Anna", "correct horse")
            #expect(reply.status == 200 && reply.headers[.cacheControl] == "no-store")
            let session = try reply.decode(TokenReply.self)
            #expect(session.role == .analyst && session.tokenType == "Bearer" && session.expiresIn == 900)
            #expect(try await api.query("SELECT 1", token: session.accessToken).status == 200)
            let next = try await api.refresh(session.refreshToken)
            #expect(next.status == 200)
            #expect(try next.decode(TokenReply.self).refreshToken != session.refreshToken)
            let again = try await api.refresh(session.refreshToken)
            #expect(try again.problem().code == "unauthenticated" && again.status == 401)
        }
    }

    @Test("unknown login and wrong password answer the same")
    func wrongPassword() async throws {
        try await TestAPI().with { api in
            var details: Set<String> = []
            for (login, password) in [
                ("anna", "wrong"), ("nobody", "wrong"), (String(repeating: "x", count: 2000), ""),
            ] {
                let reply = try await api.signIn(login, password)
                #expect(reply.status == 401)
                details.insert(try reply.problem().detail)
            }
            #expect(details.count == 1)
            let half = try await api.send(.post, "/api/v1/auth/token", body: #"{"login":"anna"}"#)
            #expect(try half.problem().code == "bad_request")
        }
    }

    @Test("after ten failures a login waits, in any spelling, even with the right password")
    func lockOut() async throws {
        let accounts = MemoryAccounts()
        try await TestAPI(accounts: accounts).with { api in
            for number in 0..<10 {
                let login = number.isMultiple(of: 2) ? "anna" : "ANNA"
                #expect(try await api.signIn(login, "wrong").status == 401)
            }
            let reply = try await api.signIn("Anna", "correct horse")
            #expect(try reply.problem().code == "too_many_attempts" && reply.status == 429)
            #expect(accounts.attemptCount == 10)
            #expect(try await api.signIn("boss", "battery staple").status == 200)
        }
    }

    @Test("a login is not locked out by failures of the record")
    func recordDown() async throws {
        let accounts = MemoryAccounts()
        accounts.setDown(true)
        try await TestAPI(accounts: accounts).with { api in
            for _ in 0..<15 {
                let reply = try await api.signIn("anna", "correct horse")
                #expect(reply.status == 500)
            }
            accounts.setDown(false)
            let reply = try await api.signIn("anna", "correct horse")
            #expect(reply.status == 200)
        }
    }
}
