-- Run once, by the superuser of a new PostgreSQL: Temporal and outdial have databases of their own, and can't read the other's.
\set ON_ERROR_STOP on
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv outdial_password OUTDIAL_DB_PASSWORD

CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

CREATE ROLE outdial LOGIN PASSWORD :'outdial_password';
CREATE DATABASE outdial OWNER outdial;

REVOKE CONNECT, TEMPORARY ON DATABASE temporal, temporal_visibility, outdial, postgres FROM PUBLIC;
