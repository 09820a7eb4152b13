-- A shop that is paid by its link is another kind of journey that is paid by card: one numbering of receipts, one
-- recovery, one look-up by operation number. Of a link, `payment_id` is the order's id.
ALTER TABLE bill_journey RENAME TO card_journey;
ALTER TABLE card_journey ADD COLUMN kind TEXT NOT NULL DEFAULT 'bill' CHECK (kind IN ('bill', 'link'));
