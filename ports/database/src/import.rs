//! A transaction of minutes, for rows that come from tables of the first platform, which stand on Postgres.

use sea_orm::sea_query::{Expr, InsertStatement, OnConflict, Query};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement,
    TransactionTrait, TryGetable, Value,
};

use crate::{Database, Result, SessionLock};

/// An open transaction that no time ends; dropped, it changes nothing. Nobody migrates the database meanwhile.
pub struct ImportTransaction {
    tx: DatabaseTransaction,
    _connection: DatabaseConnection,
    _lock: Option<SessionLock>,
}

impl Database {
    /// Begins a transaction that may read and write millions of rows while others work, in turn with migrations.
    ///
    /// # Errors
    /// The database is away.
    pub async fn begin_import(&self) -> Result<ImportTransaction> {
        let (connection, lock) = self.engine.migrator().await?;
        Ok(ImportTransaction { tx: connection.begin().await?, _connection: connection, _lock: lock })
    }
}

impl ImportTransaction {
    /// Where its statements go.
    #[must_use]
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Makes everything in the transaction true at once.
    ///
    /// # Errors
    /// Nothing of it is true then; except when the connection broke during the commit, where only a read can say.
    pub async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }

    /// Takes back everything in the transaction.
    ///
    /// # Errors
    /// The database is away, and takes everything back by itself.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }
}

/// Rows of a page.
const PAGE: i64 = 1_000;
/// Values in one statement: Postgres takes 65 535 of them.
const MOST_VALUES: usize = 60_000;

/// The rows of a table in the order of a key that has an index, some at a time.
#[derive(Debug)]
pub struct Pages<'a, K> {
    last: K,
    key: &'static str,
    sql: &'a str,
}

impl<'a, K: TryGetable + Into<Value> + Clone> Pages<'a, K> {
    /// Those that `sql` reads: its columns hold `key`; it asks for keys above `$1`, in their order, and `$2` rows.
    pub fn behind(last: K, key: &'static str, sql: &'a str) -> Self {
        Self { last, key, sql }
    }

    /// The next rows; `None` behind the last of them.
    ///
    /// # Errors
    /// The database is away, or the columns are others.
    pub async fn next<C: ConnectionTrait>(
        &mut self,
        connection: &C,
    ) -> std::result::Result<Option<Vec<QueryResult>>, DbErr> {
        let values = [self.last.clone().into(), PAGE.into()];
        let rows =
            connection.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, self.sql, values)).await?;
        let Some(end) = rows.last() else { return Ok(None) };
        self.last = end.try_get_by(self.key)?;
        Ok(Some(rows))
    }

    /// The key of the last row that was read; where the pages begin if none was.
    pub fn last(self) -> K {
        self.last
    }
}

/// The columns of a table of ours that are filled, as they are at one time. A migration holds the shape of its own time, because
/// it meets the table as it was then, whatever columns later migrations bring.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The table.
    pub table: &'static str,
    /// Those of its columns that are filled.
    pub columns: &'static [&'static str],
}

/// Rows that are added unless they stand there already.
#[derive(Debug)]
pub struct Addition {
    shape: Shape,
    rows: Vec<Vec<Expr>>,
}

impl Addition {
    /// None yet.
    #[must_use]
    pub fn to(shape: Shape) -> Self {
        Self { shape, rows: Vec::new() }
    }

    /// One more row: the values of its columns by their names, of which those count that the shape has.
    ///
    /// # Panics
    /// A column of the shape is not among them.
    pub fn add(&mut self, row: &[(&'static str, Value)]) {
        let value = |column: &&str| {
            let named = row.iter().find(|(name, _)| name == column);
            let (_, value) = named.expect("a row has a value for each column of its shape");
            Expr::from(value.clone())
        };
        self.rows.push(self.shape.columns.iter().map(value).collect());
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Adds them, and answers how many were new.
    ///
    /// # Errors
    /// The database is away, or refuses a row for another reason than that it stands there.
    pub async fn insert<C: ConnectionTrait>(self, connection: &C) -> std::result::Result<u64, DbErr> {
        let mut new = 0;
        for statement in self.statements() {
            new += connection.execute(&statement).await?.rows_affected();
        }
        Ok(new)
    }

    /// Adds them, and answers `column` of those that were new.
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub async fn insert_returning<C: ConnectionTrait>(
        self,
        connection: &C,
        column: &'static str,
    ) -> std::result::Result<Vec<QueryResult>, DbErr> {
        let mut new = Vec::new();
        for mut statement in self.statements() {
            new.extend(connection.query_all(statement.returning_col(column)).await?);
        }
        Ok(new)
    }

    /// As many rows in each as a statement takes.
    fn statements(&self) -> Vec<InsertStatement> {
        let Shape { table, columns } = self.shape;
        let insert = |rows: &[Vec<Expr>]| {
            let mut insert = Query::insert();
            insert.into_table(table).columns(columns.iter().copied());
            insert.on_conflict(OnConflict::new().do_nothing().to_owned());
            rows.iter().cloned().for_each(|row| _ = insert.values_panic(row));
            insert
        };
        self.rows.chunks(MOST_VALUES / columns.len()).map(insert).collect()
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::PostgresQueryBuilder;

    use super::*;

    #[test]
    fn a_row_has_the_columns_of_the_shape_alone() {
        let of_then = Shape { table: "a_table", columns: &["id", "name"] };
        let mut addition = Addition::to(of_then);

        addition.add(&[("name", "ayşe".into()), ("came_later", 1.into()), ("id", 7.into())]);

        let sql = addition.statements().remove(0).to_string(PostgresQueryBuilder);
        assert!(sql.starts_with(r#"INSERT INTO "a_table" ("id", "name") VALUES (7, 'ayşe') ON CONFLICT"#), "{sql}");
    }

    #[test]
    fn rows_are_added_by_as_many_statements_as_their_values_need() {
        let statements = |rows: usize| {
            let mut addition = Addition::to(Shape { table: "a_table", columns: &["id", "name"] });
            (0..rows).for_each(|_| addition.add(&[("id", 7.into()), ("name", "ayşe".into())]));
            assert_eq!(addition.rows(), rows as u64);
            addition.statements().len()
        };

        assert_eq!([0, 1, 30_000, 30_001].map(statements), [0, 1, 1, 2]);
    }
}
