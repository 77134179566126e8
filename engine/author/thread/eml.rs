//! A mail as it travelled (`.eml`): parts, transfer encodings, character sets and encoded words.

use mail_parser::{Address, Message, MessageParser, MimeHeaders, PartType};

use super::saved::{Headers, Saved, of_html, plain_name};

/// How deep mails may be attached to mails.
const DEEPEST: usize = 4;

/// Whether a file begins with the headers of a mail.
pub(super) fn is_mail(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head).replace('\r', "").to_ascii_lowercase();
    let head = head.trim_start_matches('\u{feff}').split("\n\n").next().unwrap_or_default();
    let is_header = |line: &str| {
        let name = line.split(':').next().filter(|name| name.len() < line.len());
        name.is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
    };
    let certain = ["mime-version:", "message-id:", "content-type:", "received:", "return-path:"];
    head.lines().all(|line| is_header(line) || line.starts_with([' ', '\t']) || line.starts_with("from "))
        && head.lines().any(|line| certain.iter().any(|name| line.starts_with(name)))
}

/// Reads a mail and the mails attached to it; none where it has neither headers nor a body.
pub(super) fn read(bytes: &[u8]) -> Option<Saved> {
    let message = MessageParser::default().parse(bytes)?;
    let mut saved = Saved::default();
    add(&message, &mut saved, 0);
    Some(saved)
}

fn add(message: &Message<'_>, saved: &mut Saved, depth: usize) {
    let headers = Headers {
        from: people(message.from()),
        sent: message.date().map(|date| date.to_rfc3339()).unwrap_or_default(),
        to: [people(message.to()), people(message.cc())].join("; "),
        subject: message.subject().unwrap_or_default().to_owned(),
    };
    let bodies: Vec<String> = message
        .text_bodies()
        .map(|part| match &part.body {
            PartType::Html(html) => of_html(html),
            _ => part.text_contents().unwrap_or_default().to_owned(),
        })
        .collect();
    saved.add(&headers, &bodies.join("\n"));
    for part in message.attachments() {
        match part.message() {
            Some(inner) if depth < DEEPEST => add(inner, saved, depth + 1),
            Some(_) => saved.notes.push("mails attached more than four deep are not read".to_owned()),
            None => {
                let name = plain_name(part.attachment_name().unwrap_or("attachment"));
                saved.files.push((name, part.contents().to_vec()));
            }
        }
    }
}

/// Names and addresses, as clients write them above a quoted mail.
fn people(addresses: Option<&Address<'_>>) -> String {
    let addresses = addresses.into_iter().flat_map(|addresses| addresses.iter());
    let shown = addresses.map(|address| {
        let name = address.name().unwrap_or_default();
        format!("{name} <{}>", address.address().unwrap_or_default())
    });
    shown.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_bodies_are_decoded() {
        let mail = "Subject: =?GB2312?B?sri2obCy17DKp7Dc?=\r\nFrom: =?utf-8?Q?X_Y?= <x@y.example>\r\n\
            Date: Mon, 3 Aug 2020 11:47:37 +0800\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=gbk\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\n=CF=D6=CF=F3=A3=BA=\r\n=CA=A7=B0=DC\r\n";
        assert!(is_mail(mail.as_bytes()));
        let text = read(mail.as_bytes()).expect("it is a mail").text;
        assert!(text.starts_with("From: X Y <x@y.example>\nSent: 2020-08-03T11:47:37+08:00\n"), "{text}");
        assert!(text.contains("Body:\n现象：失败"), "{text}");
    }

    #[test]
    fn saved_text_is_no_mail_that_travelled() {
        assert!(!is_mail("From: X\nSent: Monday, August 3, 2020\nSubject: y\n\nbody".as_bytes()));
        assert!(!is_mail("主题：x\nContent-Type: text/plain\n\nbody".as_bytes()));
    }
}
