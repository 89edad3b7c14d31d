/// Who asks, and what the company has set.
struct ContextReader {
    let shop: Shop
    let login: String

    func employee(_ request: APIRequest) -> APIReply {
        var renderer = ObjectRenderer(shop: shop, base: request.base)
        let target = ObjectReference(type: .employee, ordinal: 0)
        renderer.write(target, expand: ExpandTree()) { renderer in
            renderer.writer.field("uid", login)
            renderer.object("permissions") { renderer in
                for type in ObjectType.allCases {
                    renderer.writer.key(type.rawValue)
                    renderer.nested { renderer in
                        for right: StaticString in ["view", "create", "update", "delete"] {
                            renderer.writer.field(right, "ALL" as StaticString)
                        }
                    }
                }
                renderer.object("viewStock") { $0.writer.field("view", "ALL" as StaticString) }
            }
        }
        return APIReply(body: renderer.writer.bytes)
    }

    func companySettings(_ request: APIRequest) -> APIReply {
        var renderer = ObjectRenderer(shop: shop, base: request.base)
        renderer.nested { renderer in
            renderer.object("meta") { renderer in
                renderer.writer.field("href", "\(renderer.base)/context/companysettings")
                renderer.writer.field("type", "companysettings" as StaticString)
                renderer.writer.field("mediaType", "application/json" as StaticString)
            }
            renderer.writer.key("currency")
            renderer.bareReference(ObjectReference(type: .currency, ordinal: 0))
            renderer.array("priceTypes") { renderer in
                for index in Vocabulary.priceTypes.indices { renderer.priceType(index) }
            }
            renderer.writer.field("discountStrategy", "bySum" as StaticString)
            renderer.writer.field("globalOperationNumbering", false)
            renderer.writer.field("checkShippingStock", false)
            renderer.writer.field("checkMinPrice", false)
            renderer.writer.field("useRecycleBin", false)
            renderer.writer.field("useCompanyAddress", false)
        }
        return APIReply(body: renderer.writer.bytes)
    }

    /// A bare array (API §4.8).
    func priceTypes(_ request: APIRequest) -> APIReply {
        var renderer = ObjectRenderer(shop: shop, base: request.base)
        renderer.elements { renderer in
            for index in Vocabulary.priceTypes.indices { renderer.priceType(index) }
        }
        return APIReply(body: renderer.writer.bytes)
    }

    func defaultPriceType(_ request: APIRequest) -> APIReply {
        var renderer = ObjectRenderer(shop: shop, base: request.base)
        renderer.priceType(0)
        return APIReply(body: renderer.writer.bytes)
    }
}
