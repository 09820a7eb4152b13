-- What customers look for among ended payments: their own by its operation number, and what others pay for.
-- Nothing new is stored: both indexes are over the records that are there.

CREATE INDEX bill_journey_rrn ON bill_journey (json_extract(record, '$.view.rrn'))
    WHERE json_extract(record, '$.view.rrn') IS NOT NULL;

CREATE INDEX bill_journey_ended ON bill_journey (id, json_extract(record, '$.product'))
    WHERE state IN ('CARD_TAKEN', 'CARD_LEFT');
