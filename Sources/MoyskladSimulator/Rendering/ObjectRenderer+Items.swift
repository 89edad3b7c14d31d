/// Products, variants, bundles and services.
extension ObjectRenderer {
    mutating func writeItem(_ target: ObjectReference, expand: ExpandTree) {
        let row = shop.items[Int(target.ordinal)]
        if row.kind == .variant {
            writeVariant(target, row, expand: expand)
        } else {
            head(target, row.common, expand: expand)
            let folder = row.folder.map { ObjectReference(type: .productFolder, ordinal: $0) }
            writer.field("pathName", row.folder.map(folderPath) ?? "")
            reference("productFolder", folder, expand: expand)
            vat(row)
            writer.field("discountProhibited", row.kind == .service)
            reference("uom", row.uom.map { ObjectReference(type: .uom, ordinal: $0) }, expand: expand)
            prices(row)
            attributes(target)
            writer.field(
                "paymentItemType", row.kind == .service ? "SERVICE" as StaticString : "GOOD" as StaticString)
        }
        writer.field("article", row.article)
        barcodes(row)
        switch row.kind {
        case .product: writeProductFields(target, row, expand: expand)
        case .bundle:
            let href = shop.identity.text(target)
            collection(
                "components", of: target, path: "components", type: "bundlecomponent",
                size: row.components.count,
                rows: expand["components"].map { inner in
                    { $0.writeComponents(row, bundle: href, expand: inner) }
                })
        case .variant, .service: break
        }
        collection("images", of: target, path: "images", type: "image", size: 0)
        if row.kind != .variant { collection("files", of: target, path: "files", type: "files", size: 0) }
    }

    private mutating func writeVariant(_ target: ObjectReference, _ row: ItemRow, expand: ExpandTree) {
        meta(target)
        id(code: target.type.code, ordinal: target.ordinal)
        accountID()
        shared(row.common, target)
        array("characteristics") { renderer in
            for (index, value) in row.characteristics.enumerated() {
                guard let value else { continue }
                renderer.nested { $0.characteristic(index, value: value) }
            }
        }
        writer.field("discountProhibited", false)
        prices(row)
        reference("product", row.parent.map { ObjectReference(type: .product, ordinal: $0) }, expand: expand)
    }

    mutating func characteristic(_ index: Int, value: String?) {
        let code = ObjectIdentity.Space.characteristic.code
        let id = shop.identity.text(code: code, ordinal: Int32(index))
        object("meta") { renderer in
            renderer.writer.field("href", "\(renderer.base)/entity/variant/metadata/characteristics/\(id)")
            renderer.writer.field("type", "attributemetadata" as StaticString)
            renderer.writer.field("mediaType", "application/json" as StaticString)
        }
        writer.field("id", id)
        writer.field("name", Vocabulary.characteristics[index])
        writer.field("value", value)
    }

    private mutating func writeProductFields(_ target: ObjectReference, _ row: ItemRow, expand: ExpandTree) {
        reference(
            "supplier", row.supplier.map { ObjectReference(type: .counterparty, ordinal: $0) }, expand: expand
        )
        reference("country", row.country.map { ObjectReference(type: .country, ordinal: $0) }, expand: expand)
        if let weight = row.weight { writer.field("weight", units: weight, scale: 1000) }
        if let volume = row.volume { writer.field("volume", units: volume, scale: 1000) }
        if let minimum = row.minimumBalance { writer.field("minimumBalance", units: minimum, scale: 1000) }
        writer.field("variantsCount", row.variantCount)
        writer.field("isSerialTrackable", false)
        writer.field("trackingType", "NOT_TRACKED" as StaticString)
        if row.weighed { writer.field("weighed", true) }
    }

    private func folderPath(_ folder: Int32) -> String {
        let row = shop.folders[Int(folder)]
        return row.pathName.isEmpty ? row.common.name : "\(row.pathName)/\(row.common.name)"
    }

    private mutating func vat(_ row: ItemRow) {
        writer.field("useParentVat", row.vat == nil)
        if let vat = row.vat {
            writer.field("vat", Int(vat))
            writer.field("vatEnabled", true)
        }
        writer.field("effectiveVat", Int(row.vat ?? 0))
        writer.field("effectiveVatEnabled", row.vat != nil)
    }

    private mutating func prices(_ row: ItemRow) {
        if let price = row.minimumPrice { self.price("minPrice", price) }
        if let price = row.buyPrice { self.price("buyPrice", price) }
        array("salePrices") { renderer in
            for (index, price) in row.salePrices.enumerated() {
                renderer.nested { renderer in
                    renderer.writer.field("value", units: price, scale: LineAmounts.priceScale)
                    renderer.currency()
                    renderer.writer.key("priceType")
                    renderer.priceType(index)
                }
            }
        }
    }

    private mutating func price(_ key: StaticString, _ price: Int64) {
        object(key) { renderer in
            renderer.writer.field("value", units: price, scale: LineAmounts.priceScale)
            renderer.currency()
        }
    }

    private mutating func currency() {
        writer.key("currency")
        bareReference(ObjectReference(type: .currency, ordinal: 0))
    }

    /// A price type of the company's settings.
    mutating func priceType(_ index: Int) {
        let id = shop.identity.text(code: ObjectIdentity.Space.priceType.code, ordinal: Int32(index))
        nested { renderer in
            renderer.object("meta") { renderer in
                renderer.writer.field("href", "\(renderer.base)/context/companysettings/pricetype/\(id)")
                renderer.writer.field("type", "pricetype" as StaticString)
                renderer.writer.field("mediaType", "application/json" as StaticString)
            }
            renderer.writer.field("id", id)
            renderer.writer.field("name", Vocabulary.priceTypes[index])
            renderer.writer.field("externalCode", "cbcf493b-55bc-11d9-848a-00112f43529\(index)")
        }
    }

    private mutating func barcodes(_ row: ItemRow) {
        guard let barcode = row.barcode else { return }
        array("barcodes") { renderer in
            renderer.nested { $0.writer.field("ean13", barcode) }
        }
    }

    mutating func writeComponents(_ row: ItemRow, bundle: String, expand: ExpandTree) {
        for component in row.components {
            let code = ObjectIdentity.Space.component.code
            let id = shop.identity.text(code: code, ordinal: component.item)
            nested { renderer in
                renderer.object("meta") { renderer in
                    renderer.writer.field("href", "\(renderer.base)/entity/bundle/\(bundle)/components/\(id)")
                    renderer.writer.field("metadataHref", "\(renderer.base)/entity/bundle/metadata")
                    renderer.writer.field("type", "bundlecomponent" as StaticString)
                    renderer.writer.field("mediaType", "application/json" as StaticString)
                }
                renderer.writer.field("id", id)
                renderer.accountID()
                renderer.reference("assortment", renderer.shop.item(component.item), expand: expand)
                renderer.writer.field("quantity", units: component.quantity, scale: LineAmounts.quantityScale)
            }
        }
    }

    /// One value of a custom field.
    mutating func attribute(_ index: Int, value: String) {
        let attribute = Shop.attributes[index]
        nested { renderer in
            renderer.attributeHead(index)
            switch attribute.kind {
            case .string: renderer.writer.field("value", value)
            case .long, .double, .boolean:
                renderer.writer.key("value")
                renderer.writer.literal(value)
            }
        }
    }

    mutating func attributeHead(_ index: Int) {
        let attribute = Shop.attributes[index]
        let id = shop.identity.text(code: ObjectIdentity.Space.attribute.code, ordinal: Int32(index))
        object("meta") { renderer in
            renderer.writer.field(
                "href", "\(renderer.base)/entity/\(attribute.type.rawValue)/metadata/attributes/\(id)")
            renderer.writer.field("type", "attributemetadata" as StaticString)
            renderer.writer.field("mediaType", "application/json" as StaticString)
        }
        writer.field("id", id)
        writer.field("name", attribute.name)
        writer.field("type", attribute.kind.rawValue)
    }
}
