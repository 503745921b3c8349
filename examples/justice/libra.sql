-- Courts: whoever stands before one, people and organisations, a row for each case. All of it invented.

CREATE TABLE IF NOT EXISTS defendants (
    defendant_id    bigint PRIMARY KEY,
    case_no         varchar(20) NOT NULL,
    court           varchar(5) NOT NULL,
    hearing_on      date,
    defendant_type  varchar(1) NOT NULL DEFAULT 'P',
    name            text,
    title           text,
    forename1       text,
    forename2       text,
    surname         text,
    date_of_birth   varchar(20),
    sex             varchar(1),
    postcode        text,
    pnc             text,
    cro             text,
    created_at      timestamp NOT NULL DEFAULT localtimestamp,
    modified_at     timestamptz NOT NULL DEFAULT now()
);
