-- Probation: people, their other names and their addresses. All of it invented.

CREATE TABLE IF NOT EXISTS offender (
    offender_id       bigint PRIMARY KEY,
    crn               varchar(7) NOT NULL,
    first_name        text,
    second_name       text,
    surname           text,
    previous_surname  text,
    date_of_birth     date,
    gender            varchar(12),
    pnc_number        varchar(20),
    cro_number        varchar(20),
    ni_number         varchar(12),
    noms_number       varchar(7),
    soft_deleted      boolean NOT NULL DEFAULT false,
    created_at        timestamp NOT NULL DEFAULT localtimestamp,
    modified_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS alias (
    alias_id       bigint PRIMARY KEY,
    offender_id    bigint NOT NULL,
    first_name     text,
    surname        text,
    date_of_birth  date,
    is_alias       boolean NOT NULL DEFAULT true,
    created_at     timestamp NOT NULL DEFAULT localtimestamp,
    modified_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS offender_address (
    address_id   bigint PRIMARY KEY,
    offender_id  bigint NOT NULL,
    status       varchar(1) NOT NULL DEFAULT 'M',
    postcode     text,
    began_on     date,
    ended_on     date,
    created_at   timestamp NOT NULL DEFAULT localtimestamp,
    modified_at  timestamptz NOT NULL DEFAULT now()
);
