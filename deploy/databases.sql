-- Makes each database that DATABASES names, for the service whose default it is; the tables are made by the services.
\getenv databases DATABASES
SELECT format('CREATE DATABASE %I', name) FROM string_to_table(:'databases', ' ') AS name
\gexec
