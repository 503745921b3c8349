-- Prisons: people, their aliases, stays, numbers, alerts, incidents and notes. All of it invented.

CREATE TABLE IF NOT EXISTS offenders (
    offender_id       bigint PRIMARY KEY,
    root_offender_id  bigint NOT NULL,
    noms_number       text,
    surname           text,
    forename          text,
    middle_names      text[],
    date_of_birth     date,
    sex               varchar(12),
    ethnicity         text,
    postcode          text,
    email             text,
    is_alias          boolean NOT NULL DEFAULT false,
    status            text NOT NULL DEFAULT 'HELD',
    risk_score        numeric(5, 2),
    created_at        timestamp NOT NULL DEFAULT localtimestamp,
    modified_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS bookings (
    offender_id   bigint NOT NULL,
    booking_seq   smallint NOT NULL,
    booking_no    text NOT NULL,
    prison        text NOT NULL,
    cell          text,
    in_out        text NOT NULL DEFAULT 'IN',
    began_on      date NOT NULL,
    ended_on      date,
    cash_balance  numeric(10, 2) NOT NULL DEFAULT 0,
    created_at    timestamp NOT NULL DEFAULT localtimestamp,
    modified_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (offender_id, booking_seq)
);

CREATE TABLE IF NOT EXISTS identifiers (
    identifier_id       uuid PRIMARY KEY,
    offender_id         bigint NOT NULL,
    kind                varchar(8) NOT NULL,
    pnc                 text,
    cro                 text,
    nino                text,
    nhs_number          text,
    merged_offender_id  bigint,
    is_verified         boolean,
    issued_on           date,
    created_at          timestamp NOT NULL DEFAULT localtimestamp,
    modified_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS alerts (
    alert_id     bigint PRIMARY KEY,
    offender_id  bigint NOT NULL,
    alert_code   text NOT NULL,
    comment      text,
    is_active    boolean NOT NULL DEFAULT true,
    expires_on   date,
    detail       jsonb
);

CREATE TABLE IF NOT EXISTS incidents (
    incident_id       bigint PRIMARY KEY,
    lead_offender_id  bigint,
    prison            text NOT NULL,
    kind              text NOT NULL,
    happened_on       date NOT NULL,
    happened_at       time,
    places            text[],
    severity          double precision,
    description       text,
    reported_at       timestamptz NOT NULL DEFAULT now(),
    created_at        timestamp NOT NULL DEFAULT localtimestamp,
    modified_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS incident_parties (
    incident_id  bigint NOT NULL,
    party_seq    int NOT NULL,
    offender_id  bigint NOT NULL,
    role         text NOT NULL,
    outcome      text,
    created_at   timestamp NOT NULL DEFAULT localtimestamp,
    modified_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (incident_id, party_seq)
);

CREATE TABLE IF NOT EXISTS case_notes (
    note_id      bigint PRIMARY KEY,
    offender_id  bigint NOT NULL,
    kind         text NOT NULL,
    note         text,
    seal         bytea,
    is_read      boolean NOT NULL DEFAULT false,
    written_at   timestamptz NOT NULL DEFAULT now(),
    created_at   timestamp NOT NULL DEFAULT localtimestamp,
    modified_at  timestamptz NOT NULL DEFAULT now()
);
