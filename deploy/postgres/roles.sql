-- Run once as a superuser, by psql 14 or later: the database, a login for Isotherm that is no
-- superuser (row-level security does not bind superusers), and one for Grafana that reads.
-- Passwords come from the environment.
\set ON_ERROR_STOP on
\getenv isotherm_password ISOTHERM_DATABASE_PASSWORD
\getenv grafana_password GRAFANA_DATABASE_PASSWORD

create role isotherm_app nologin;
create role isotherm_read nologin;
create role isotherm login password :'isotherm_password' in role isotherm_app;
create role grafana login password :'grafana_password' in role isotherm_read;
create database isotherm owner isotherm encoding 'UTF8' template template0;
revoke all on database isotherm from public;
grant connect on database isotherm to grafana;
