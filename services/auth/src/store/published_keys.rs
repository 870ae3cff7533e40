//! `jwks`: the public keys, for every process that checks access tokens.

use std::time::Duration;

use ephemeral::Result;
use jsonwebtoken::jwk::JwkSet;
use kit::Context;
use kit::access::JWKS_KEY;

/// Far longer than any pause between two looks at the key.
const TTL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Writes `keys` unless they stand there already.
pub(crate) async fn publish(context: &Context, keys: &JwkSet) -> Result<()> {
    let value = serde_json::to_vec(keys).expect("public keys are JSON");
    if context.ephemeral.get(JWKS_KEY).await?.as_ref() == Some(&value) {
        return Ok(());
    }
    context.ephemeral.put(JWKS_KEY, &value, TTL).await
}
