/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks, and times as text. The calendar is worked out here: gmtime_r() and timegm() read the zone
 * file first, which a command that lists 200 containers would feel more than the arithmetic.
 */
#include "base/clock.h"

#include "base/fd.h"

#include <string.h>
#include <time.h>

#define NS_PER_SECOND   G_GINT64_CONSTANT(1000000000)
#define SECONDS_PER_DAY 86400
#define BOOT_ID_FILE    "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_LENGTH  36
#define ZERO_TIME       "0001-01-01T00:00:00Z"

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int64_t clock_unix_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
    return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

int64_t clock_deadline_ms(int timeout_ms)
{
    return timeout_ms < 0 ? -1 : clock_monotonic_ms() + timeout_ms;
}

int clock_ms_until(int64_t deadline_ms)
{
    int64_t left_ms;

    if (deadline_ms < 0)
        return -1;
    left_ms = deadline_ms - clock_monotonic_ms(); /* once: CLAMP() would read the clock again */
    return (int)CLAMP(left_ms, 0, G_MAXINT);
}

/* --- the calendar ----------------------------------------------------------------------------- */

typedef struct Date {
    int year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
} Date;

static bool is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && is_leap_year(year) ? 1 : 0);
}

/*
 * Days from 1970-01-01 to January 1st of a year: 365 each, and one for each leap year on the way.
 */
static int64_t days_to_year(int year)
{
    int64_t before = year - 1;

    return before * 365 + before / 4 - before / 100 + before / 400 - 719162;
}

static int64_t days_to_date(Date date)
{
    int64_t days = days_to_year(date.year) + date.day - 1;

    for (int month = 1; month < date.month; month++)
        days += days_in_month(date.year, month);
    return days;
}

static Date date_of_days(int64_t days)
{
    /* A guess, for all times that 64 bits hold within a year of the truth; then put right. */
    Date date = { .year = 1970 + (int)(days / 366), .month = 1, .day = 1 };

    while (days_to_year(date.year) > days)
        date.year--;
    while (days_to_year(date.year + 1) <= days)
        date.year++;
    days -= days_to_year(date.year);
    while (days >= days_in_month(date.year, date.month))
        days -= days_in_month(date.year, date.month++);
    date.day += (int)days;
    return date;
}

/* --- as text ---------------------------------------------------------------------------------- */

/* ".322325298" without the zeros at its end, or nothing. */
static void fraction_to_text(int nanoseconds, char text[static 11])
{
    size_t length = 0;

    if (nanoseconds > 0)
        length = (size_t)g_snprintf(text, 11, ".%09d", nanoseconds);
    while (length > 0 && text[length - 1] == '0')
        length--;
    text[length] = '\0';
}

char *time_to_rfc3339(int64_t unix_ns)
{
    if (unix_ns == 0)
        return g_strdup(ZERO_TIME);

    int64_t seconds = unix_ns / NS_PER_SECOND;
    int nanoseconds = (int)(unix_ns % NS_PER_SECOND);

    if (nanoseconds < 0) {
        nanoseconds += NS_PER_SECOND;
        seconds--;
    }

    int64_t days = seconds / SECONDS_PER_DAY;
    int in_day = (int)(seconds % SECONDS_PER_DAY);

    if (in_day < 0) {
        in_day += SECONDS_PER_DAY;
        days--;
    }

    Date date = date_of_days(days);
    char fraction[11];

    fraction_to_text(nanoseconds, fraction);
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d%sZ", date.year, date.month, date.day,
                           in_day / 3600, in_day / 60 % 60, in_day % 60, fraction);
}

/* --- from text -------------------------------------------------------------------------------- */

/* Exactly n digits, a number within bounds. */
static bool take_number(const char **text, int n_digits, int min, int max, int *ret_number)
{
    int number = 0;

    for (int i = 0; i < n_digits; i++, (*text)++) {
        if (!g_ascii_isdigit(**text))
            return false;
        number = number * 10 + (**text - '0');
    }
    *ret_number = number;
    return number >= min && number <= max;
}

static bool take_char(const char **text, char wanted)
{
    if (g_ascii_toupper(**text) != wanted)
        return false;
    (*text)++;
    return true;
}

static bool take_date(const char **text, Date *ret_date)
{
    return take_number(text, 4, 1, 9999, &ret_date->year) && take_char(text, '-') &&
           take_number(text, 2, 1, 12, &ret_date->month) && take_char(text, '-') &&
           take_number(text, 2, 1, days_in_month(ret_date->year, ret_date->month), &ret_date->day);
}

static bool take_time_of_day(const char **text, int *ret_seconds)
{
    int hours, minutes, seconds;

    if (!take_number(text, 2, 0, 23, &hours) || !take_char(text, ':') ||
        !take_number(text, 2, 0, 59, &minutes) || !take_char(text, ':') ||
        !take_number(text, 2, 0, 59, &seconds))
        return false;
    *ret_seconds = hours * 3600 + minutes * 60 + seconds;
    return true;
}

/* ".digits" or nothing; what is finer than a nanosecond is dropped. */
static bool take_fraction(const char **text, int *ret_nanoseconds)
{
    int weight = (int)NS_PER_SECOND;

    *ret_nanoseconds = 0;
    if (!take_char(text, '.'))
        return true;
    if (!g_ascii_isdigit(**text))
        return false;
    for (; g_ascii_isdigit(**text); (*text)++) {
        weight /= 10;
        *ret_nanoseconds += (**text - '0') * weight;
    }
    return true;
}

/* "Z", "+01:00", "-08:30". */
static bool take_zone(const char **text, int *ret_east_seconds)
{
    int hours, minutes;
    int sign = **text == '-' ? -1 : 1;

    *ret_east_seconds = 0;
    if (take_char(text, 'Z'))
        return true;
    if ((!take_char(text, '+') && !take_char(text, '-')) || !take_number(text, 2, 0, 23, &hours) ||
        !take_char(text, ':') || !take_number(text, 2, 0, 59, &minutes))
        return false;
    *ret_east_seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool time_from_rfc3339(const char *text, int64_t *ret_unix_ns, GError **error)
{
    const char *rest = text;
    Date date = { 0 };
    int in_day, nanoseconds, east_seconds;

    if (!take_date(&rest, &date) || !take_char(&rest, 'T') || !take_time_of_day(&rest, &in_day) ||
        !take_fraction(&rest, &nanoseconds) || !take_zone(&rest, &east_seconds) || *rest != '\0')
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%.64s' is no time such as 2026-11-22T02:17:08Z (RFC 3339)", text);
    if (g_str_equal(text, ZERO_TIME)) {
        *ret_unix_ns = 0;
        return true;
    }
    if (date.year < 1678 || date.year > 2261)
        return err_set(error, FLOE_ERROR_INVALID, "'%.64s' is out of range", text);

    int64_t seconds = days_to_date(date) * SECONDS_PER_DAY + in_day - east_seconds;

    *ret_unix_ns = seconds * NS_PER_SECOND + nanoseconds;
    return true;
}

bool boot_id_read(char **ret_id, GError **error)
{
    g_autofree char *text = NULL;

    if (!file_read(BOOT_ID_FILE, 64, &text, NULL, error))
        return false;
    g_strchomp(text);
    if (strlen(text) != BOOT_ID_LENGTH)
        return err_set(error, FLOE_ERROR_IO, "'%s' holds no boot id", BOOT_ID_FILE);
    *ret_id = g_steal_pointer(&text);
    return true;
}
