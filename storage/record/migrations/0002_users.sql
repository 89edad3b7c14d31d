-- Who may use the server: users with their password hashes, the tokens that keep them signed in, and the key that
-- access tokens are signed with. No password and no token is stored, only what proves it.

CREATE SCHEMA IF NOT EXISTS ambar;

CREATE TABLE ambar.app_user (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login               text NOT NULL CHECK (login <> '' AND length(login) <= 100),
    role                text NOT NULL CHECK (role IN ('viewer', 'manager', 'analyst', 'admin')),
    -- scrypt (RFC 7914) with the parameters of the day on which the password was set.
    salt                bytea NOT NULL CHECK (octet_length(salt) >= 16),
    password_hash       bytea NOT NULL CHECK (octet_length(password_hash) = 32),
    scrypt_rounds       integer NOT NULL CHECK (scrypt_rounds > 1),
    scrypt_block_size   integer NOT NULL CHECK (scrypt_block_size > 0),
    scrypt_parallelism  integer NOT NULL CHECK (scrypt_parallelism > 0),
    disabled            boolean NOT NULL DEFAULT false,
    created_at          timestamptz NOT NULL DEFAULT now(),
    password_changed_at timestamptz NOT NULL DEFAULT now(),
    signed_in_at        timestamptz
);

-- Logins differ by more than case.
CREATE UNIQUE INDEX app_user_login ON ambar.app_user (lower(login));

-- A refresh token is good once and then replaced by the next of its family. One that comes twice was stolen, from the
-- user or from the thief: the family ends.
CREATE TABLE ambar.refresh_token (
    -- SHA-256 of the token, which is 32 random bytes and needs no salt.
    hash       bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    family     uuid NOT NULL,
    user_id    bigint NOT NULL REFERENCES ambar.app_user (id) ON DELETE CASCADE,
    issued_at  timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX refresh_token_family ON ambar.refresh_token (family);
CREATE INDEX refresh_token_user ON ambar.refresh_token (user_id);

CREATE TABLE ambar.signing_key (
    id         smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    key        bytea NOT NULL CHECK (octet_length(key) >= 32),
    created_at timestamptz NOT NULL DEFAULT now()
);
