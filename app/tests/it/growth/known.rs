//! What is read whole nevertheless, and why that is bearable.

/// What is read whole nevertheless, and why that is bearable.
pub(super) const READ_WHOLE: [(&str, &str); 2] = [
    ("bus_outbox_0", "the relay reads what it has not published, and empties one half after the other"),
    ("bus_outbox_1", "the other half"),
];

/// What is read whole at the start, page by page along this, or once a minute.
pub(super) const INDEXES_READ_WHOLE: [(&str, &str); 8] = [
    ("restaurant_restaurant_pkey", "every process builds an index of all restaurants when it starts"),
    ("restaurant_address_pkey", "with their addresses"),
    ("restaurant_cuisine_pkey", "and their cuisines"),
    ("restaurant_meal_of_restaurant", "and their meals"),
    ("restaurant_restaurant_versions", "and compares all versions once a minute"),
    ("restaurant_restaurant_touched", "and reads its newest row four times a second, however long the test takes"),
    (
        "user_audience_due",
        "here all restaurants cook what somebody follows, so that all are counted anew, some each second",
    ),
    ("user_audience_pkey", "and each is written by its key"),
];

/// What SQLite walks through from one end nevertheless, and why that is bearable.
pub(super) const WALKED: [(&str, &str); 16] = [
    ("USING INDEX address_address_unrecorded:", "it holds what was imported and has no event yet"),
    ("USING INDEX auth_account_demo:", "it holds the accounts of a demo alone"),
    ("USING INDEX auth_account_imported:", "one row is wanted, and each of the index will do"),
    ("sqlite_autoindex_auth_untold_account_1:", "a batch is wanted, and each row will do"),
    ("USING COVERING INDEX restaurant_restaurant_touched:", "the newest change is wanted, or the last 2 000"),
    ("USING INDEX restaurant_restaurant_unrecorded:", "it holds what was imported and has no event yet"),
    ("SCAN user_audience_mark:", "the oldest batch is wanted, and what is worked off goes"),
    ("USING INDEX sqlite_autoindex_user_campaign_1:", "a page of the newest is wanted"),
    ("USING INDEX user_favorite_unmatched:", "it holds what has no subject yet"),
    ("USING INDEX notification_mail_in_doubt:", "it holds what is in doubt alone"),
    ("INDEX notification_mail_uncounted:", "it holds what has ended since the last count"),
    ("SCAN notification_campaign_state", "it holds campaigns that were stopped, until a month after their end"),
    ("INDEX notification_campaign_state_due:", "it holds campaigns whose mails are brought forward or ended just now"),
    ("INDEX notification_mail_by_claimant:", "it holds what is under way"),
    ("ORDER BY o.seq LIMIT 10000)", "nobody counts further"),
    ("FROM bus_outbox ORDER BY seq LIMIT $2)", "a batch is read"),
];
