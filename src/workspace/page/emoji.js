// The emoji that people write at work by the names that Slack gives them; every other name stays as it was written.

const table = `
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 wave 👋 clap 👏 raised_hands 🙌 pray 🙏 muscle 💪 point_up ☝️ point_down 👇 point_left 👈 point_right 👉 hand ✋ fingers_crossed 🤞 handshake 🤝 facepalm 🤦 shrug 🤷
smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂 rofl 🤣 wink 😉 blush 😊 slightly_smiling_face 🙂 simple_smile 🙂 upside_down_face 🙃 heart_eyes 😍 thinking_face 🤔 neutral_face 😐 expressionless 😑 unamused 😒 sweat_smile 😅 sweat 😓 worried 😟 confused 😕 cry 😢 sob 😭 scream 😱 fearful 😨 tired_face 😫 sleeping 😴 zzz 💤 angry 😠 rage 😡 exploding_head 🤯 face_palm 🤦 eyes 👀 skull 💀 ghost 👻 robot_face 🤖 see_no_evil 🙈 melting_face 🫠 saluting_face 🫡 partying_face 🥳
warning ⚠️ rotating_light 🚨 fire 🔥 boom 💥 no_entry ⛔ no_entry_sign 🚫 octagonal_sign 🛑 x ❌ white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ question ❓ grey_question ❔ exclamation ❗ bangbang ‼️ information_source ℹ️ construction 🚧 sos 🆘 bell 🔔 no_bell 🔕 mute 🔇 loudspeaker 📢 mega 📣 siren 🚨
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵 large_purple_circle 🟣 black_circle ⚫ white_circle ⚪ large_red_square 🟥 large_orange_square 🟧 large_yellow_square 🟨 large_green_square 🟩 large_blue_square 🟦 black_large_square ⬛ white_large_square ⬜ large_orange_diamond 🔶 large_blue_diamond 🔷
arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️ arrow_upper_right ↗️ arrow_lower_right ↘️ arrows_counterclockwise 🔄 repeat 🔁 fast_forward ⏩ rewind ⏪ leftwards_arrow_with_hook ↩️ heavy_plus_sign ➕ heavy_minus_sign ➖ infinity ♾️ hash #️⃣ one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ zero 0️⃣ keycap_ten 🔟 100 💯
rocket 🚀 ship 🚢 package 📦 wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ gear ⚙️ nut_and_bolt 🔩 link 🔗 lock 🔒 unlock 🔓 closed_lock_with_key 🔐 key 🔑 shield 🛡️ bug 🐛 ladybug 🐞 computer 💻 desktop_computer 🖥️ floppy_disk 💾 satellite_antenna 📡 electric_plug 🔌 battery 🔋 globe_with_meridians 🌐 spider_web 🕸️ whale 🐳 snail 🐌 turtle 🐢 test_tube 🧪 microscope 🔬 mag 🔍 mag_right 🔎 bulb 💡 zap ⚡ umbrella ☔ snowflake ❄️ cloud ☁️ sunny ☀️ rainbow 🌈 ocean 🌊
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 clipboard 📋 memo 📝 pencil 📝 pencil2 ✏️ page_facing_up 📄 page_with_curl 📃 books 📚 book 📖 bookmark 🔖 label 🏷️ pushpin 📌 round_pushpin 📍 paperclip 📎 calendar 📆 date 📅 file_folder 📁 open_file_folder 📂 card_index_dividers 🗂️ wastebasket 🗑️ inbox_tray 📥 outbox_tray 📤 envelope ✉️ email ✉️ speech_balloon 💬 thought_balloon 💭 phone ☎️ telephone_receiver 📞 pager 📟 iphone 📱 camera 📷 frame_with_picture 🖼️ movie_camera 🎥
clock1 🕐 clock3 🕒 clock6 🕕 clock9 🕘 alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ hourglass ⌛ hourglass_flowing_sand ⏳ watch ⌚ coffee ☕ beer 🍺 beers 🍻 pizza 🍕 cake 🍰 birthday 🎂 tada 🎉 confetti_ball 🎊 trophy 🏆 first_place_medal 🥇 medal 🏅 dart 🎯 star ⭐ star2 🌟 sparkles ✨ heart ❤️ broken_heart 💔 green_heart 💚 yellow_heart 💛 blue_heart 💙 seedling 🌱 herb 🌿 evergreen_tree 🌲 checkered_flag 🏁 triangular_flag_on_post 🚩 white_flag 🏳️ crossed_swords ⚔️ bomb 💣 fire_engine 🚒 ambulance 🚑 fire_extinguisher 🧯 adhesive_bandage 🩹 pill 💊 stethoscope 🩺 crystal_ball 🔮 magic_wand 🪄 puzzle_piece 🧩 recycle ♻️ canary 🐤 hatching_chick 🐣 unicorn_face 🦄 dog 🐶 cat 🐱 bee 🐝 man 👨 woman 👩 technologist 🧑‍💻 firefighter 🧑‍🚒 busts_in_silhouette 👥
`;

const words = table.trim().split(/\s+/);
const byName = new Map(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]]] : [])));
const tones = ['', '', '🏻', '🏼', '🏽', '🏾', '🏿'];

export const shortcode = ":([\\p{Ll}\\p{N}_+'-]+)(?:::skin-tone-([2-6]))?:";

/** The sign of a name; null when we know none. A rich text says the code points itself. */
export const emojiOf = (name, tone, codePoints) => {
  if (typeof codePoints === 'string' && /^[\da-f]{2,6}(-[\da-f]{2,6})*$/i.test(codePoints)) {
    const points = codePoints.split('-').map((point) => Number.parseInt(point, 16));
    if (points.every((point) => point <= 0x10ffff)) return String.fromCodePoint(...points);
  }
  const sign = byName.get(name);
  return sign === undefined ? null : sign + (tones[Number(tone)] ?? '');
};

/** Names between colons in a plain text. */
export const withEmoji = (text) =>
  text.replace(new RegExp(shortcode, 'gu'), (whole, name, tone) => emojiOf(name, tone) ?? whole);
