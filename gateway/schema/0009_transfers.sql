-- C2B2E (PROTOCOLS §3): transfers of both roles, the sales that links are made for, every message in and out.
-- Times are Unix milliseconds in UTC, sums minor units of KZT. Card data have no column. A state is changed by
-- gateway/c2b2e/moves.py (transfer) and gateway/c2b2e/sales.py (sale) only. Identifiers: case counts.

CREATE TABLE transfer (
    role             TEXT    NOT NULL CHECK (role IN ('payer', 'payee')),  -- whose bank we are in it
    end_to_end_id    TEXT    NOT NULL,          -- of the whole chain, from admi.009 on
    terminal         TEXT    NOT NULL,          -- where the customer pays, or the merchant sells
    link_id          TEXT    NOT NULL,
    state            TEXT    NOT NULL CHECK (
        (role = 'payer' AND state IN ('ASKED', 'DETAILED', 'CHECKING', 'HOLDING', 'ORDERED', 'PENDING',
                                      'SETTLED', 'REJECTED', 'RELEASED', 'FAILED'))
     OR (role = 'payee' AND state IN ('DETAILED', 'CHECKING', 'PENDING', 'ABANDONED', 'SETTLED', 'REJECTED',
                                      'LAPSED'))),
    moves            INTEGER NOT NULL CHECK (moves > 0),    -- lines of its history
    reason           TEXT,                      -- of an ending that is no payment (gateway/reasons.py)
    amount_minor     INTEGER CHECK (amount_minor > 0),      -- what the creditor gets; with the details
    fee_minor        INTEGER NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),  -- what the payer's bank adds
    creditor_name    TEXT,
    creditor_bin     TEXT,
    creditor_iban    TEXT,
    creditor_bic     TEXT,
    knp              TEXT,
    kbe              TEXT,
    purpose          TEXT,
    merchant_order   TEXT,
    valid_until_ms   INTEGER,                   -- EXPIRES_AT of the details
    order_id         TEXT,                      -- payer: UUIDv7, chosen by the terminal
    request_digest   BLOB,                      -- payer: HMAC of the PUT's content
    ordered_ms       INTEGER,                   -- payer: that PUT
    debtor_iban      TEXT,
    debtor_iin       TEXT,
    debtor_name      TEXT,
    debtor_bic       TEXT,
    tx_id            TEXT,
    order_msg_id     TEXT,                      -- of the pacs.008 on our hop
    accepted_ms      INTEGER,                   -- its AccptncDtTm
    pending_sent_ms  INTEGER,                   -- payee: the first attempt of its PDNG
    asked            INTEGER NOT NULL DEFAULT 0,            -- pacs.028 so far
    last_asked_ms    INTEGER,
    rrn              TEXT,                      -- field 37 of the hold, or of the credit
    stan             TEXT,                      -- field 11 of the 0100, or of the credit
    acquirer         TEXT,
    merchant         TEXT,
    held_ms          INTEGER,                   -- fields 7, 12 and 13 of the 0100
    advice_stan      TEXT,                      -- field 11 of its 0220 or 0420
    response_code    TEXT,
    approval_code    TEXT,
    began_ms         INTEGER NOT NULL,
    changed_ms       INTEGER NOT NULL CHECK (changed_ms >= began_ms),
    finished_ms      INTEGER,
    hold_closed_ms   INTEGER,                   -- the card host will hear no more of it: its STANs are free
    PRIMARY KEY (role, end_to_end_id)
) STRICT;

CREATE UNIQUE INDEX transfer_tx_id ON transfer (role, tx_id) WHERE tx_id IS NOT NULL;
CREATE UNIQUE INDEX transfer_order_id ON transfer (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX transfer_link ON transfer (link_id);
CREATE INDEX transfer_rrn ON transfer (rrn) WHERE rrn IS NOT NULL;
CREATE INDEX transfer_stan_open ON transfer (terminal) WHERE stan IS NOT NULL AND hold_closed_ms IS NULL;
CREATE INDEX transfer_interrupted ON transfer (state) WHERE role = 'payer' AND state IN ('CHECKING', 'HOLDING');
CREATE INDEX transfer_began ON transfer (began_ms);

-- The history. What changes nothing is noted once for each state and event.
CREATE TABLE transfer_move (
    role          TEXT    NOT NULL,
    end_to_end_id TEXT    NOT NULL,
    n             INTEGER NOT NULL,
    event         TEXT    NOT NULL,
    state         TEXT    NOT NULL,             -- after it
    at_ms         INTEGER NOT NULL,
    note          TEXT    NOT NULL,
    PRIMARY KEY (role, end_to_end_id, n),
    FOREIGN KEY (role, end_to_end_id) REFERENCES transfer (role, end_to_end_id)
) STRICT, WITHOUT ROWID;

-- Every message that was taken or written, with its exact bytes: a signature is evidence.
CREATE TABLE transfer_message (
    message_id      INTEGER PRIMARY KEY,
    direction       TEXT    NOT NULL CHECK (direction IN ('in', 'out')),
    signer          TEXT    NOT NULL,           -- the participant whose signature it bears
    kind            TEXT    NOT NULL,           -- pacs.008.001.11
    msg_id          TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    end_to_end_id   TEXT    NOT NULL,
    tx_id           TEXT,
    link_id         TEXT,                       -- of an admi.009
    original_msg_id TEXT,                       -- OrgnlGrpInf/OrgnlMsgId
    query_msg_id    TEXT,                       -- OrgnlBizQry/MsgId
    status          TEXT,                       -- TxSts
    reason          TEXT,
    digest          TEXT    NOT NULL,           -- sha256 of the exclusive c14n without Signature
    body            BLOB    NOT NULL,
    at_ms           INTEGER NOT NULL,           -- written, or taken
    http            INTEGER,                    -- what it was answered, or the last answer to it
    attempts        INTEGER NOT NULL DEFAULT 0, -- to send it; or how often it came
    last_ms         INTEGER                     -- the end of the last attempt, or when it came last
) STRICT;

CREATE UNIQUE INDEX transfer_message_msg_id ON transfer_message (direction, signer, kind, msg_id);
CREATE INDEX transfer_message_chain ON transfer_message (end_to_end_id);

-- A merchant's sale and its link, one each (PROTOCOLS §3.5). What the merchant is told follows from the state.
CREATE TABLE sale (
    sale_id        TEXT    PRIMARY KEY,         -- UUIDv7, chosen by the terminal
    terminal       TEXT    NOT NULL,
    request_digest BLOB    NOT NULL,            -- HMAC of the PUT's content
    link_id        TEXT    NOT NULL UNIQUE,
    link           TEXT    NOT NULL,            -- as its QR code holds it
    state          TEXT    NOT NULL CHECK (state IN (
        'OPEN', 'RESERVED', 'DOUBTFUL', 'PAID', 'PAID_LATE', 'EXPIRED', 'CANCELLED')),
    moves          INTEGER NOT NULL CHECK (moves > 0),
    reason         TEXT,                        -- of the last order that was rejected
    amount_minor   INTEGER NOT NULL CHECK (amount_minor > 0),
    purpose        TEXT,
    merchant_order TEXT,
    name           TEXT    NOT NULL,            -- of the merchant, as it was when the link was made
    bin            TEXT    NOT NULL,
    iban           TEXT    NOT NULL,
    knp            TEXT    NOT NULL,
    kbe            TEXT,
    end_to_end_id  TEXT,                        -- of the order that has reserved the link
    made_ms        INTEGER NOT NULL,
    expires_ms     INTEGER NOT NULL,
    changed_ms     INTEGER NOT NULL,
    paid_ms        INTEGER
) STRICT;

CREATE INDEX sale_made ON sale (terminal, made_ms);

CREATE TABLE sale_move (
    sale_id TEXT    NOT NULL REFERENCES sale (sale_id),
    n       INTEGER NOT NULL,
    event   TEXT    NOT NULL,
    state   TEXT    NOT NULL,                   -- after it
    at_ms   INTEGER NOT NULL,
    note    TEXT    NOT NULL,
    PRIMARY KEY (sale_id, n)
) STRICT, WITHOUT ROWID;
