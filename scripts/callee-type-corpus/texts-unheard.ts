/** What is said in the batch that is not looked at; none of it is in the others. */
import type { Texts } from './texts';

export const unheardTexts = {
  en: {
    short: ['Who’s calling?', 'Hi, yes?', 'Go ahead.', 'Good evening.', 'Morning.', 'Yes, go on.', 'Howdy.'],
    phrase: ['Patrick Evans.', 'Emma on the phone.', 'Hello, Walker family.', 'George speaking, hi.'],
    business: ['City Cabs, good evening.', 'Riverside Clinic, Nina speaking.', 'Northern Bikes, good morning.'],
    machine: [
      'This is Patrick’s telephone. I am either driving or asleep, so tell me what you need and I will answer tomorrow.',
      'The office of Walker and Evans is closed today. We open again on Tuesday at nine. In an emergency please call the number on our website.',
      'Your call cannot be completed at this time. Please check the number and dial again, or speak with your operator.',
      'Hello, Emma and George live here, but right now neither of us is in. Leave us your news and we will be in touch soon.',
    ],
    brief: [
      'This is Emma, tell me your news.',
      'We are closed, leave your number.',
      'Speak now, I will call you tomorrow.',
    ],
  },
  de: {
    short: ['Ja, hier?', 'Grüß Gott.', 'Moin.', 'Wer spricht?', 'Hallo, wer da?'],
    phrase: ['Brigitte Hoffmann.', 'Familie Sommer.', 'Ja, Wolf hier.', 'Schulze, guten Abend.'],
    business: ['Gärtnerei Sommer, Grüß Gott.', 'Taxi Zentrale, wohin bitte?'],
    machine: [
      'Dies ist der Anschluss von Brigitte Hoffmann. Ich bin bis Ende der Woche verreist. Wer mich sprechen will, hinterlässt einfach seine Nummer.',
      'Unser Büro ist heute geschlossen. Morgen erreichen Sie uns wieder ab sieben Uhr dreißig. Wir bedanken uns für Ihren Anruf.',
      'Die gewählte Rufnummer ist uns nicht bekannt. Bitte prüfen Sie die Nummer und wählen Sie neu, oder rufen Sie die Auskunft an.',
    ],
    brief: ['Sommer, wir sind im Garten, Nachricht bitte.', 'Büro geschlossen, bitte Nummer hinterlassen.'],
  },
  fr: {
    short: ['Qui est là ?', 'Oui, bonsoir ?', 'Je vous écoute.', 'Allô, bonjour ?', 'Coucou.'],
    phrase: ['Madame Lefèvre.', 'Nicolas Roux, bonsoir.', 'Chez Isabelle.', 'Oui, c’est Antoine.'],
    business: ['Taxi Roux, bonsoir.', 'Boulangerie du Pont, oui ?'],
    machine: [
      'Vous avez appelé le portable de Nicolas Roux. Je suis en déplacement toute la semaine. Envoyez-moi plutôt un texto, j’y répondrai plus vite.',
      'Nos bureaux sont fermés aujourd’hui. Nous serons de nouveau joignables demain à partir de huit heures. Merci de votre appel.',
      'Le numéro que vous avez composé n’est plus attribué. Nous vous invitons à consulter le service des renseignements.',
    ],
    brief: ['C’est Antoine, laissez-moi un mot.', 'Nous sommes fermés, donnez votre numéro.'],
  },
  es: {
    short: ['¿Con quién hablo?', 'Buenas noches.', '¿Sí, quién?', 'Hola, ¿quién es?', 'A ver.'],
    phrase: ['Rosa Jiménez.', 'Aquí Fernando.', 'Sí, soy Teresa.', 'Familia Navarro.'],
    business: ['Taxis Navarro, buenas noches.', 'Librería Sol, ¿qué desea?'],
    machine: [
      'Este es el teléfono de Rosa Jiménez. Estoy conduciendo o durmiendo. Dime qué necesitas y mañana mismo te respondo.',
      'Nuestra oficina está cerrada hoy. Volvemos a abrir el martes a las nueve de la mañana. Muchas gracias por su llamada.',
      'El número que usted ha marcado no existe. Por favor, compruebe el número y vuelva a llamar, o consulte con información.',
    ],
    brief: ['Soy Teresa, cuéntame qué quieres.', 'Hemos cerrado, deje su número.'],
  },
  it: {
    short: ['Sì, chi parla?', 'Buon pomeriggio.', 'Dica pure.', 'Ehilà.', 'Pronto, chi è?'],
    phrase: ['Elena Marino.', 'Qui Stefano.', 'Famiglia Gallo.', 'Sì, sono Roberta.'],
    business: ['Panificio Gallo, buonasera.', 'Taxi Roma, mi dica.'],
    machine: [
      'Questo è il telefono di Elena Marino. Sto guidando oppure dormo. Raccontatemi cosa vi serve e domani vi rispondo.',
      'I nostri uffici oggi sono chiusi. Riapriamo martedì mattina alle nove. Vi ringraziamo della telefonata e vi auguriamo una buona giornata.',
      'Il numero selezionato è inesistente. Si prega di controllare il numero e di comporlo di nuovo, oppure di chiedere al centralino.',
    ],
    brief: ['Qui Stefano, dimmi cosa ti serve.', 'Siamo chiusi, lasciate il numero.'],
  },
  pt: {
    short: ['Quem é?', 'Boa noite.', 'Estou?', 'Alô, quem fala?', 'Pois não?'],
    phrase: ['Teresa Almeida.', 'É o Miguel.', 'Família Rocha.', 'Sim, sou a Inês.'],
    business: ['Táxis Rocha, boa noite.', 'Livraria Sol, em que posso ajudar?'],
    machine: [
      'Este é o telefone da Teresa Almeida. Estou a conduzir ou a dormir. Diga do que precisa e amanhã eu respondo.',
      'O nosso escritório está fechado hoje. Voltamos a abrir na terça-feira às nove horas. Muito obrigado pela sua ligação.',
      'O número marcado não existe. Por favor verifique o número e volte a ligar, ou contacte o serviço de informações.',
    ],
    brief: ['Sou a Inês, diga o que precisa.', 'Estamos fechados, deixe o número.'],
  },
  ru: {
    short: ['Кто говорит?', 'Добрый вечер.', 'Я слушаю.', 'Да, говорите.', 'Здравствуйте.'],
    phrase: ['Наталья Орлова.', 'Это Дмитрий.', 'Квартира Соколовых.', 'Да, Павел слушает.'],
    business: ['Такси, добрый вечер.', 'Книжный магазин, здравствуйте.'],
    machine: [
      'Это телефон Натальи Орловой. Я за рулём или сплю. Расскажите, что вам нужно, и завтра я вам отвечу.',
      'Наш офис сегодня закрыт. Мы снова откроемся во вторник в девять часов утра. Благодарим вас за звонок.',
      'Набранный вами номер не существует. Проверьте, пожалуйста, номер и позвоните снова, или обратитесь в справочную службу.',
    ],
    brief: ['Это Дмитрий, расскажите, что нужно.', 'Мы закрыты, назовите ваш номер.'],
  },
  uk: {
    short: ['Хто говорить?', 'Добрий вечір.', 'Я слухаю.', 'Вітаю.'],
    phrase: ['Галина Бондар.', 'Це Тарас.', 'Родина Мельник.'],
    business: ['Таксі, добрий вечір.', 'Книгарня, вітаю вас.'],
    machine: [
      'Це телефон Галини Бондар. Я за кермом або сплю. Розкажіть, що вам потрібно, і завтра я відповім.',
      'Наш офіс сьогодні зачинено. Ми знову відчинимося у вівторок о дев’ятій ранку. Дякуємо вам за дзвінок.',
    ],
    brief: ['Це Тарас, розкажи, що треба.', 'Ми зачинені, назвіть номер.'],
  },
  pl: {
    short: ['Tak, kto tam?', 'Dobranoc.', 'Witam.', 'Proszę mówić.', 'Hej.'],
    phrase: ['Barbara Mazur.', 'Tu Krzysztof.', 'Rodzina Zielińskich.', 'Tak, mówi Tomasz.'],
    business: ['Taxi Mazur, witam.', 'Księgarnia, w czym mogę pomóc?'],
    machine: [
      'To telefon Barbary Mazur. Prowadzę samochód albo śpię. Powiedz, czego potrzebujesz, a jutro na pewno odpowiem.',
      'Nasze biuro jest dzisiaj nieczynne. Otwieramy znowu we wtorek o dziewiątej rano. Dziękujemy za telefon.',
      'Wybrany numer nie istnieje. Proszę sprawdzić numer i zadzwonić ponownie, albo zapytać w informacji.',
    ],
    brief: ['Tu Tomasz, powiedz, czego chcesz.', 'Nieczynne, proszę podać numer.'],
  },
  sv: {
    short: ['God kväll.', 'Vem är det?', 'Ja, hallå där?', 'Hejsan.'],
    phrase: ['Karin Nilsson.', 'Erik här.', 'Familjen Berg.'],
    business: ['Taxi Berg, god kväll.', 'Bokhandeln, hejsan.'],
    machine: [
      'Det här är Karin Nilssons telefon. Jag kör bil eller sover. Berätta vad du behöver, så svarar jag i morgon.',
      'Vårt kontor är stängt i dag. Vi öppnar igen på tisdag klockan nio. Tack så mycket för ditt samtal.',
    ],
    brief: ['Erik här, berätta vad du vill.', 'Vi har stängt, säg ditt nummer.'],
  },
  da: {
    short: ['Hallo?', 'Ja, hvem er det?', 'Goddag.', 'Hej med dig.', 'Godaften.'],
    phrase: ['Det er Mette.', 'Søren Jensen.', 'Hos Hansen.'],
    business: ['Taxa Hansen, godaften.', 'Boghandlen, det er Lene.'],
    machine: [
      'Det er Søren Jensens telefon. Jeg kører bil eller sover. Fortæl mig, hvad du har brug for, så svarer jeg i morgen.',
      'Vores kontor er lukket i dag. Vi åbner igen på tirsdag klokken ni. Mange tak for dit opkald.',
      'Du har ringet til Mette. Læg en besked efter tonen, så ringer jeg tilbage, når jeg er hjemme igen.',
    ],
    brief: ['Det er Mette, læg en besked.', 'Vi har lukket, sig dit nummer.'],
  },
  el: {
    short: ['Εμπρός;', 'Παρακαλώ;', 'Ναι;', 'Λέγετε;', 'Καλημέρα.'],
    phrase: ['Είμαι η Ελένη.', 'Γιώργος Παπάς.', 'Οικία Νικολάου.'],
    business: ['Φαρμακείο Νίκου, καλημέρα.', 'Ταξί Αθήνα, παρακαλώ.'],
    machine: [
      'Γεια σας, καλέσατε τον Γιώργο Παπά. Αυτή τη στιγμή δεν μπορώ να απαντήσω. Αφήστε το μήνυμά σας και θα σας καλέσω.',
      'Το γραφείο μας είναι κλειστό σήμερα. Ανοίγουμε πάλι την Τρίτη στις εννέα το πρωί. Ευχαριστούμε για την κλήση σας.',
      'Ο αριθμός που καλέσατε δεν αντιστοιχεί σε συνδρομητή. Παρακαλούμε ελέγξτε τον αριθμό και καλέστε ξανά.',
    ],
    brief: ['Αφήστε μήνυμα μετά τον ήχο.', 'Είμαστε κλειστά, πείτε τον αριθμό σας.'],
  },
  ro: {
    short: ['Alo?', 'Da?', 'Da, vă rog?', 'Bună ziua.', 'Cine e?'],
    phrase: ['Sunt Ioana.', 'Andrei Popescu.', 'Familia Ionescu.'],
    business: ['Farmacia Centrală, bună ziua.', 'Taxi Unirea, vă rog.'],
    machine: [
      'Bună ziua, ați sunat la familia Ionescu. Acum nu suntem acasă. Lăsați un mesaj după semnal și vă vom suna înapoi.',
      'Biroul nostru este închis astăzi. Deschidem din nou marți la ora nouă dimineața. Vă mulțumim pentru apel.',
      'Numărul format nu este alocat. Vă rugăm să verificați numărul și să reveniți cu un nou apel.',
    ],
    brief: ['Lăsați un mesaj după semnal.', 'Este închis, spuneți numărul dumneavoastră.'],
  },
  tr: {
    short: ['Kimsiniz?', 'İyi akşamlar.', 'Buyurun?', 'Selam.'],
    phrase: ['Ben Zeynep.', 'Ahmet Kaya.', 'Aydın ailesi.'],
    business: ['Kaya Taksi, iyi akşamlar.', 'Kitabevi, hoş geldiniz.'],
    machine: [
      'Bu Ahmet Kaya’nın telefonu. Araba kullanıyorum ya da uyuyorum. Ne istediğinizi söyleyin, yarın size cevap veririm.',
      'Büromuz bugün kapalıdır. Salı günü saat dokuzda yeniden açıyoruz. Aradığınız için teşekkür ederiz.',
    ],
    brief: ['Ben Zeynep, ne istediğini söyle.', 'Kapalıyız, numaranızı söyleyin.'],
  },
  hi: {
    short: ['हैलो?', 'हाँ?', 'जी?', 'नमस्ते।', 'कौन?'],
    phrase: ['मैं सीता हूँ।', 'राम शर्मा।', 'हाँ, मोहन बोल रहा हूँ।'],
    business: ['होटल गंगा, नमस्ते।', 'दवा की दुकान, बोलिए।'],
    machine: [
      'नमस्ते, आपने राम शर्मा को फ़ोन किया है। अभी मैं बात नहीं कर सकता। कृपया अपना नाम और नंबर छोड़ दीजिए।',
      'हमारा दफ़्तर आज बंद है। हम मंगलवार को सुबह नौ बजे फिर खुलेंगे। फ़ोन करने के लिए धन्यवाद।',
      'आपके द्वारा डायल किया गया नंबर अभी उपलब्ध नहीं है। कृपया थोड़ी देर बाद फिर कोशिश कीजिए।',
    ],
    brief: ['कृपया अपना संदेश छोड़िए।', 'हम घर पर नहीं हैं, अभी बोलिए।'],
  },
} as const satisfies Record<string, Texts>;
