//! Answers about commercial mail from before each was kept: who has agreed stands where it is proven.

use sea_orm::Statement;
use sea_orm_migration::prelude::*;
use uuid::Uuid;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_index(of_user()).await?;
        copy(schema.get_connection(), CHUNK).await
    }
}

/// Finds what somebody answered before their mailbox was known.
fn of_user() -> IndexCreateStatement {
    Index::create().name("user_consent_of_user").table("user_consent").col("user_id").col("status").take()
}

/// Users whose answers one statement copies.
const CHUNK: i64 = 1_000;

const LAST_OF_CHUNK: &str =
    "SELECT user_id FROM user_preferences WHERE user_id > $1 ORDER BY user_id LIMIT 1 OFFSET $2";

/// What applies to those without an entry of that time. It is named by its user, for there is one of each.
const COPY: &str = r#"INSERT INTO user_consent (id, user_id, address, channel, status, "at", source, text_version, iys_state)
    SELECT p.user_id, p.user_id, a.email, 'EPOSTA', CASE WHEN p.commercial_granted THEN 'ONAY' ELSE 'RET' END,
        p.commercial_at, 'HS_WEB', p.commercial_text_version,
        CASE WHEN p.commercial_granted THEN 'none' ELSE 'first_refusal' END
    FROM user_preferences p LEFT JOIN user_account a ON a.id = p.user_id
    WHERE p.user_id > $1 AND p.user_id <= $2 AND p.commercial_at IS NOT NULL
        AND (NOT p.commercial_granted OR p.commercial_text_version IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM user_consent c
            WHERE c."at" = p.commercial_at AND (c.user_id = p.user_id OR c.address = a.email))
    ON CONFLICT (id) DO NOTHING"#;

async fn copy<C: ConnectionTrait>(connection: &C, chunk: i64) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let mut behind = Uuid::nil();
    loop {
        let values: [sea_orm::Value; 2] = [behind.into(), (chunk - 1).into()];
        let last = Statement::from_sql_and_values(backend, LAST_OF_CHUNK, values);
        let last = connection.query_one_raw(last).await?.map(|row| row.try_get_by_index::<Uuid>(0)).transpose()?;
        let values: [sea_orm::Value; 2] = [behind.into(), last.unwrap_or(Uuid::max()).into()];
        connection.execute_raw(Statement::from_sql_and_values(backend, COPY, values)).await?;
        match last {
            Some(last) => behind = last,
            None => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::ShortText;
    use kit::on_every_database;
    use serde_json::json;

    use super::*;
    use crate::fixture::{Fixture, address_of};
    use crate::model::{ConsentOrigin, ConsentStatus, RegistryState};
    use crate::store;

    on_every_database! {
        Fixture:
        an_answer_from_before_is_kept_once,
    }

    async fn an_answer_from_before_is_kept_once(fixture: Fixture) {
        let diners = fixture.diners(5, fixture.new_restaurant()).await;
        let refusal = json!({ "commercial_mail": { "granted": false } });
        fixture.client().user(diners[2]).put("/users/preferences", refusal).await;

        for _ in 0..2 {
            let tx = fixture.context.database.begin_write().await.unwrap();
            copy(&tx, 2).await.unwrap();
            tx.commit().await.unwrap();
        }

        let mut entries = store::consent::list(&fixture.context.database).await;
        entries.sort_by_key(|entry| entry.user_id);
        let users: Vec<_> = entries.iter().map(|entry| entry.user_id.unwrap()).collect();
        assert_eq!(users, diners);
        let earlier = &entries[4];
        assert_eq!((earlier.status, earlier.source), (ConsentStatus::Onay, ConsentOrigin::Web));
        assert_eq!((earlier.iys_state, earlier.address.as_ref()), (RegistryState::None, Some(&address_of(diners[4]))));
        assert_eq!(earlier.text_version.as_ref().map(ShortText::as_str), Some("2026-01"));
        assert_eq!(entries[2].status, ConsentStatus::Ret);
    }
}
