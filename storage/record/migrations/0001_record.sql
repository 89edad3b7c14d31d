-- The record of a shop: what Moysklad sent, as it came (schema moysklad), and the same as a star (schema shop).
--
-- Money. Moysklad counts in kopecks, which may be fractional; here every amount is in whole currency units (rubles),
-- so 12345.5 kopecks are 123.4550. Sums are numeric(18,4): a hundredth of a kopeck, up to 10^14. Unit prices are
-- numeric(18,8), because a price typed as 100 rubles for three is 33.33333333. Digits beyond the scale are rounded half
-- away from zero; the number as it was sent stays in moysklad.object. An amount that does not fit is not stored: its
-- object goes to moysklad.rejected.
--   document.sum, .paid_sum, …, document_line.price, .sum   in the document's currency
--   document.sum_base, document_line.sum_base               in the accounting currency: sum × document.rate
--   document_line.sum                                       price × quantity × (1 − discount / 100), with VAT added where
--                                                           the document's prices do not contain it, each line rounded to
--                                                           whole kopecks, half away from zero, as Moysklad does
-- Where the lines of a document do not add up to its own sum, shop.document_sum_difference says so.
--
-- Quantities are numeric(18,6). All precisions are 18 or less, so that the mirror keeps them in 64 bits.
--
-- Time. Moments are the account's own (moysklad.account.time_zone), without zone; only the record's own bookkeeping
-- (… timestamptz) is absolute.
--
-- Keys. `id` is the record's own and never changes; `uid` is Moysklad's. A reference to an object that has not been read
-- yet creates its row with the uid and an empty name; the row is filled when the object comes. References are resolved
-- in the statement that writes them, so they carry no foreign keys of their own.
--
-- Every table of schema shop has one bigint column as its primary key: the mirror finds rows by it.

CREATE SCHEMA moysklad;
CREATE SCHEMA shop;

CREATE TABLE moysklad.account (
    id         uuid PRIMARY KEY,
    name       text NOT NULL DEFAULT '',
    time_zone  text NOT NULL DEFAULT 'Europe/Moscow',
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Every object as it came. deleted_at: when the record noticed that Moysklad no longer has it.
CREATE TABLE moysklad.object (
    account    uuid NOT NULL,
    type       text NOT NULL,
    id         uuid NOT NULL,
    updated    timestamp,
    payload    jsonb NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (account, type, id)
);
-- Payloads are compressed by Moysklad's nature (long equal hrefs): lz4 is several times as fast as the default.
ALTER TABLE moysklad.object ALTER COLUMN payload SET COMPRESSION lz4;

-- Payloads that do not fit, with the reason; payload is text, for it need not be valid JSON.
CREATE TABLE moysklad.rejected (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account   uuid NOT NULL,
    type      text NOT NULL,
    object_id uuid,
    field     text NOT NULL DEFAULT '',
    reason    text NOT NULL,
    payload   text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX rejected_object ON moysklad.rejected (account, type, object_id) WHERE object_id IS NOT NULL;

-- How far a type has been read. Everything with updated <= watermark is in the record; complete says that the first
-- pass over the whole type came to its end.
CREATE TABLE moysklad.sync_cursor (
    account    uuid NOT NULL,
    type       text NOT NULL,
    watermark  timestamp,
    complete   boolean NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, type)
);

CREATE TABLE moysklad.sync_run (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account         uuid NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    state           text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'abandoned')),
    objects_read    bigint NOT NULL DEFAULT 0,
    rows_written    bigint NOT NULL DEFAULT 0,
    objects_deleted bigint NOT NULL DEFAULT 0,
    rejected        bigint NOT NULL DEFAULT 0,
    requests        bigint NOT NULL DEFAULT 0,
    message         text
);

-- Dimensions ----------------------------------------------------------------------------------------------------------

CREATE TABLE shop.currency (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid          uuid NOT NULL UNIQUE,
    name         text NOT NULL DEFAULT '',
    full_name    text,
    code         text,
    iso_code     text,
    rate         numeric(18,8),
    multiplicity bigint,
    indirect     boolean NOT NULL DEFAULT false,
    is_default   boolean NOT NULL DEFAULT false,
    archived     boolean NOT NULL DEFAULT false,
    deleted      boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.country (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid     uuid NOT NULL UNIQUE,
    name    text NOT NULL DEFAULT '',
    code    text,
    updated timestamp,
    deleted boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.region (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid     uuid NOT NULL UNIQUE,
    name    text NOT NULL DEFAULT '',
    code    text,
    updated timestamp,
    deleted boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.uom (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid         uuid NOT NULL UNIQUE,
    name        text NOT NULL DEFAULT '',
    code        text,
    description text,
    updated     timestamp,
    deleted     boolean NOT NULL DEFAULT false
);

-- Moysklad's "group": a department that owns records.
CREATE TABLE shop.department (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid        uuid NOT NULL UNIQUE,
    name       text NOT NULL DEFAULT '',
    sort_order bigint,
    deleted    boolean NOT NULL DEFAULT false
);

-- entity_type: the type whose objects can be in this state, such as customerorder.
CREATE TABLE shop.state (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid         uuid NOT NULL UNIQUE,
    entity_type text,
    name        text NOT NULL DEFAULT '',
    state_type  text,
    color       bigint,
    deleted     boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.price_type (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid           uuid NOT NULL UNIQUE,
    name          text NOT NULL DEFAULT '',
    external_code text,
    sort_order    bigint,
    is_default    boolean NOT NULL DEFAULT false,
    deleted       boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.employee (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid           uuid NOT NULL UNIQUE,
    name          text NOT NULL DEFAULT '',
    full_name     text,
    last_name     text,
    first_name    text,
    middle_name   text,
    email         text,
    phone         text,
    position      text,
    department_id bigint,
    archived      boolean NOT NULL DEFAULT false,
    created       timestamp,
    updated       timestamp,
    deleted       boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.organization (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid           uuid NOT NULL UNIQUE,
    name          text NOT NULL DEFAULT '',
    code          text,
    external_code text,
    company_type  text,
    legal_title   text,
    inn           text,
    kpp           text,
    address       text,
    email         text,
    phone         text,
    archived      boolean NOT NULL DEFAULT false,
    created       timestamp,
    updated       timestamp,
    deleted       boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.store (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid           uuid NOT NULL UNIQUE,
    name          text NOT NULL DEFAULT '',
    code          text,
    external_code text,
    description   text,
    address       text,
    city          text,
    parent_id     bigint,
    path          text,
    archived      boolean NOT NULL DEFAULT false,
    updated       timestamp,
    deleted       boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.sales_channel (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid           uuid NOT NULL UNIQUE,
    name          text NOT NULL DEFAULT '',
    code          text,
    external_code text,
    type          text,
    description   text,
    archived      boolean NOT NULL DEFAULT false,
    updated       timestamp,
    deleted       boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.project (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid           uuid NOT NULL UNIQUE,
    name          text NOT NULL DEFAULT '',
    code          text,
    external_code text,
    description   text,
    archived      boolean NOT NULL DEFAULT false,
    updated       timestamp,
    deleted       boolean NOT NULL DEFAULT false
);

-- path: the names of the folders above, from the top, separated by "/"; names may contain "/" themselves.
CREATE TABLE shop.product_folder (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid           uuid NOT NULL UNIQUE,
    name          text NOT NULL DEFAULT '',
    code          text,
    external_code text,
    description   text,
    parent_id     bigint,
    path          text,
    archived      boolean NOT NULL DEFAULT false,
    updated       timestamp,
    deleted       boolean NOT NULL DEFAULT false
);

-- Whoever can stand opposite in a document. agent_type: counterparty, or organization and employee where a document
-- names one of ours (their uid then stands here, too). tags: separated by ", ". attributes: custom fields, JSON.
CREATE TABLE shop.counterparty (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid                  uuid NOT NULL UNIQUE,
    agent_type           text NOT NULL DEFAULT 'counterparty',
    name                 text NOT NULL DEFAULT '',
    company_type         text,
    code                 text,
    external_code        text,
    legal_title          text,
    inn                  text,
    kpp                  text,
    phone                text,
    email                text,
    city                 text,
    region               text,
    country              text,
    address              text,
    postal_code          text,
    tags                 text,
    description          text,
    state_id             bigint,
    owner_id             bigint,
    department_id        bigint,
    price_type_id        bigint,
    sales_amount         numeric(18,4),
    bonus_points         bigint,
    discount_card_number text,
    birth_date           date,
    sex                  text,
    attributes           text,
    archived             boolean NOT NULL DEFAULT false,
    created              timestamp,
    updated              timestamp,
    deleted              boolean NOT NULL DEFAULT false
);

-- Everything a line can name: products, variants (parent_id: their product), bundles, services; consignments keep
-- theirs in parent_id, too. barcodes: separated by ", ". folder_path: as Moysklad spells it, "/" between names.
CREATE TABLE shop.product (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid                 uuid NOT NULL UNIQUE,
    type                text NOT NULL DEFAULT 'product',
    name                text NOT NULL DEFAULT '',
    code                text,
    external_code       text,
    article             text,
    description         text,
    folder_id           bigint,
    folder_path         text,
    parent_id           bigint,
    characteristics     text,
    uom_id              bigint,
    supplier_id         bigint,
    country_id          bigint,
    buy_price           numeric(18,8),
    buy_currency_id     bigint,
    min_price           numeric(18,8),
    vat                 bigint,
    vat_enabled         boolean,
    minimum_balance     numeric(18,6),
    weight              numeric(18,6),
    volume              numeric(18,6),
    barcodes            text,
    tracking_type       text,
    discount_prohibited boolean NOT NULL DEFAULT false,
    attributes          text,
    archived            boolean NOT NULL DEFAULT false,
    updated             timestamp,
    deleted             boolean NOT NULL DEFAULT false
);

CREATE TABLE shop.product_price (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id    bigint NOT NULL,
    price_type_id bigint NOT NULL,
    currency_id   bigint,
    value         numeric(18,8) NOT NULL,
    UNIQUE (product_id, price_type_id)
);

-- Facts ---------------------------------------------------------------------------------------------------------------

-- One row a document of any kind; kind is Moysklad's type code. rate: what one unit of the document's currency is in the
-- accounting currency, 1 unless told. employee_id: the owner. base_uid: the order of a demand, the sale of a return.
-- deleted: in the trash, or gone from Moysklad. For figures take applicable AND NOT deleted.
CREATE TABLE shop.document (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid              uuid NOT NULL UNIQUE,
    kind             text NOT NULL,
    moment           timestamp NOT NULL,
    day              date NOT NULL,
    number           text NOT NULL,
    external_code    text,
    organization_id  bigint,
    store_id         bigint,
    counterparty_id  bigint,
    employee_id      bigint,
    department_id    bigint,
    sales_channel_id bigint,
    project_id       bigint,
    state_id         bigint,
    currency_id      bigint,
    rate             numeric(18,8) NOT NULL DEFAULT 1,
    sum              numeric(18,4) NOT NULL,
    sum_base         numeric(18,4) NOT NULL,
    vat_sum          numeric(18,4),
    vat_enabled      boolean NOT NULL DEFAULT false,
    vat_included     boolean NOT NULL DEFAULT false,
    paid_sum         numeric(18,4),
    shipped_sum      numeric(18,4),
    invoiced_sum     numeric(18,4),
    reserved_sum     numeric(18,4),
    cash_sum         numeric(18,4),
    card_sum         numeric(18,4),
    qr_sum           numeric(18,4),
    line_count       bigint NOT NULL DEFAULT 0,
    base_uid         uuid,
    retail_store_uid uuid,
    retail_shift_uid uuid,
    delivery_planned timestamp,
    shipment_address text,
    shipment_city    text,
    description      text,
    attributes       text,
    applicable       boolean NOT NULL,
    deleted          boolean NOT NULL DEFAULT false,
    created          timestamp,
    updated          timestamp
);

-- kind, moment, store, counterparty, applicable and deleted repeat the document's, for clustering and for queries
-- without a join. line_number counts from 1 in the order of the document. vat_sum: the VAT inside sum.
-- cost: of the whole line, known only where the document carries it. discount: percent, negative is a surcharge.
CREATE TABLE shop.document_line (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid             uuid NOT NULL UNIQUE,
    document_id     bigint NOT NULL REFERENCES shop.document (id),
    line_number     bigint NOT NULL,
    kind            text NOT NULL,
    moment          timestamp NOT NULL,
    product_id      bigint,
    store_id        bigint,
    counterparty_id bigint,
    quantity        numeric(18,6) NOT NULL,
    price           numeric(18,8) NOT NULL,
    discount        numeric(18,8) NOT NULL DEFAULT 0,
    vat             bigint,
    vat_enabled     boolean NOT NULL DEFAULT false,
    sum             numeric(18,4) NOT NULL,
    sum_base        numeric(18,4) NOT NULL,
    vat_sum         numeric(18,4) NOT NULL,
    cost            numeric(18,4),
    reserve         numeric(18,6),
    shipped         numeric(18,6),
    applicable      boolean NOT NULL,
    deleted         boolean NOT NULL DEFAULT false
);
CREATE INDEX document_line_document ON shop.document_line (document_id);

-- Documents whose lines do not add up to their sum. difference = document_sum − lines_sum.
CREATE TABLE shop.document_sum_difference (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id  bigint NOT NULL UNIQUE,
    document_sum numeric(18,4) NOT NULL,
    lines_sum    numeric(18,4) NOT NULL,
    difference   numeric(18,4) NOT NULL
);

-- direction: in or out. purpose: what the payer wrote.
CREATE TABLE shop.payment (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid              uuid NOT NULL UNIQUE,
    kind             text NOT NULL,
    direction        text NOT NULL,
    moment           timestamp NOT NULL,
    day              date NOT NULL,
    number           text NOT NULL,
    organization_id  bigint,
    counterparty_id  bigint,
    employee_id      bigint,
    sales_channel_id bigint,
    project_id       bigint,
    state_id         bigint,
    currency_id      bigint,
    rate             numeric(18,8) NOT NULL DEFAULT 1,
    sum              numeric(18,4) NOT NULL,
    sum_base         numeric(18,4) NOT NULL,
    vat_sum          numeric(18,4),
    purpose          text,
    applicable       boolean NOT NULL,
    deleted          boolean NOT NULL DEFAULT false,
    created          timestamp,
    updated          timestamp
);

-- The level of an item in a store on a day, as last seen on that day. A day with rows is complete: an item and store
-- without one had nothing. Items being recalculated keep their last known level.
CREATE TABLE shop.stock_level (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day        date NOT NULL,
    product_id bigint NOT NULL,
    store_id   bigint NOT NULL,
    stock      numeric(18,6) NOT NULL,
    reserve    numeric(18,6) NOT NULL,
    in_transit numeric(18,6) NOT NULL,
    UNIQUE (day, product_id, store_id)
);
