-- One database for each service, by its default name; the tables are made by the services themselves.
CREATE DATABASE auths;
CREATE DATABASE users;
CREATE DATABASE notifications;
